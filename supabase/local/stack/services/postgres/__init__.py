"""The local PostgreSQL: its server, and what a hosted project's databases hold before the first migration."""
