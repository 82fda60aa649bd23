"""The landing page's own subject: its content, its words, and what a browser may do with it."""
