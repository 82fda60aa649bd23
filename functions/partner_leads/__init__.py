"""A partner's leads on a phone: who asked, how to reach them, and how far each is."""
