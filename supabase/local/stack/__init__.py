"""A Supabase project on this machine: real PostgreSQL, PostgREST and migrations, without Docker."""

from stack.errors import MigrationsChangedError, StackError
from stack.migrations import push_migrations
from stack.project import Project
from stack.settings import Settings
from stack.stack import AnyStack, Stack

__all__ = [
    "AnyStack",
    "MigrationsChangedError",
    "Project",
    "Settings",
    "Stack",
    "StackError",
    "push_migrations",
]
