"""Running the bootstrap SQL: what a hosted project has before its first migration."""

from pathlib import Path
from typing import Literal

import psycopg
from psycopg import sql

from stack.state import LOGIN_ROLES, State

# Whether new tables open by themselves: projects from before and after the change of 2026.
DefaultPrivileges = Literal["legacy", "2026"]

_FILES = Path(__file__).parent / "bootstrap"
_EVERY_DATABASE = ("database.sql", "vault.sql", "auth.sql", "storage.sql", "privileges_legacy.sql")


def bootstrap_cluster(state: State) -> None:
    """Make the roles, and the database that a hosted project has."""
    with psycopg.connect(state.database_url("supabase_admin"), autocommit=True) as connection:
        _run(connection, "cluster.sql")
        for role in LOGIN_ROLES:
            set_password = sql.SQL("alter role {} password {}").format(
                sql.Identifier(role), sql.Literal(state.passwords[role])
            )
            connection.execute(set_password)
        connection.execute("alter database postgres owner to postgres")
        _bootstrap_database(connection, "2026")


def create_database(state: State, name: str, default_privileges: DefaultPrivileges) -> str:
    """Make a further database in the same cluster, as bare as a new project's. One of that name is dropped.

    Returns:
        Its connection string for the role `postgres`, which runs the migrations.
    """
    with psycopg.connect(state.database_url("supabase_admin"), autocommit=True) as connection:
        database = sql.Identifier(name)
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(database))
        connection.execute(sql.SQL("create database {} owner postgres template template0").format(database))
    with psycopg.connect(state.database_url("supabase_admin", name), autocommit=True) as connection:
        _bootstrap_database(connection, default_privileges)
    return state.database_url("postgres", name)


def drop_database(state: State, name: str) -> None:
    """Remove a database that `create_database` made."""
    with psycopg.connect(state.database_url("supabase_admin"), autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _bootstrap_database(connection: psycopg.Connection, default_privileges: DefaultPrivileges) -> None:
    for file in _EVERY_DATABASE:
        _run(connection, file)
    if default_privileges == "2026":
        _run(connection, "privileges_2026.sql")


def _run(connection: psycopg.Connection, file: str) -> None:
    # Without parameters a whole file travels as one message and runs as one transaction.
    connection.execute((_FILES / file).read_bytes())
