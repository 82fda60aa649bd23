"""The stack's front door: answers at SUPABASE_URL as a hosted project's API gateway does."""
