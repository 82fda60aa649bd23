"""Sign-in against auth.users: the sessions and refresh tokens that Supabase Auth would keep."""

import secrets
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row, tuple_row

from stack.tokens import User


class Account(User):
    """A row of auth.users, as far as Auth shows it to its owner."""

    phone: str | None = None
    created_at: datetime
    updated_at: datetime | None = None
    email_confirmed_at: datetime | None = None
    last_sign_in_at: datetime | None = None


@dataclass(frozen=True)
class Session:
    """What a sign-in or a refresh gives."""

    id: uuid.UUID
    refresh_token: str
    account: Account


class AuthError(Exception):
    """A refusal in the shape that Auth's clients read."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Say which."""
        super().__init__(message)
        self.status = status
        self.code = code


_COLUMNS = """
    id, email, phone, raw_app_meta_data, raw_user_meta_data, is_anonymous,
    email_confirmed_at, last_sign_in_at, coalesce(created_at, now()) as created_at, updated_at
"""
_BEGIN = "insert into auth.sessions (id, user_id, created_at, updated_at) values (%s, %s, now(), now())"
_MAY_SIGN_IN = "deleted_at is null and (banned_until is null or banned_until < now())"


class Sessions:
    """Auth's part of the database. It is asked rarely, so each request brings its own connection."""

    def __init__(self, database_url: str) -> None:
        """Use a database."""
        self._database_url = database_url

    async def sign_in(self, email: str, password: str) -> Session:
        """Begin a session for who knows the password."""
        query = f"""
            update auth.users set last_sign_in_at = now()
            where email = lower(%s) and not is_sso_user and {_MAY_SIGN_IN}
              and case when encrypted_password like '$2%%' then
                encrypted_password = extensions.crypt(%s, encrypted_password)
              end
            returning {_COLUMNS}
        """  # noqa: S608 - only constants of this module are put in.
        async with self._connection() as connection:
            account = await (await connection.execute(query.encode(), [email, password])).fetchone()
            if account is None:
                raise AuthError(400, "invalid_credentials", "Invalid login credentials")
            session_id = uuid.uuid4()
            await connection.execute(_BEGIN, [session_id, account.id])
            token = await _new_refresh_token(connection, session_id, account, parent=None)
            return Session(session_id, token, account)

    async def refresh(self, token: str) -> Session:
        """Trade a refresh token for the next one. Each is good once."""
        query = """
            update auth.refresh_tokens set revoked = true, updated_at = now()
            where token = %s and not revoked
            returning session_id, user_id::uuid
        """
        async with self._connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row)
            spent = await (await cursor.execute(query, [token])).fetchone()
            if spent is None:
                await cursor.execute("select from auth.refresh_tokens where token = %s", [token])
                raise _refresh_error(is_known=cursor.rowcount > 0)
            session_id, user_id = spent
            account = await _account(connection, user_id)
            next_token = await _new_refresh_token(connection, session_id, account, parent=token)
            return Session(session_id, next_token, account)

    async def account(self, user_id: str, session_id: str | None) -> Account:
        """Return who a token speaks for, unless they have signed out since."""
        async with self._connection() as connection:
            if session_id is not None:
                cursor = connection.cursor(row_factory=tuple_row)
                await cursor.execute("select from auth.sessions where id = %s", [session_id])
                if cursor.rowcount == 0:
                    message = "Session from session_id claim in JWT does not exist"
                    raise AuthError(403, "session_not_found", message)
            return await _account(connection, uuid.UUID(user_id))

    async def sign_out(self, user_id: str, session_id: str | None, scope: str) -> None:
        """End sessions with their refresh tokens: the `local` one, the `others`, or as `global` all."""
        query = """
            delete from auth.sessions
            where user_id = %(user)s and case %(scope)s
              when 'local' then id = %(session)s::uuid
              when 'others' then id is distinct from %(session)s::uuid
              else true
            end
        """
        async with self._connection() as connection:
            await connection.execute(query, {"user": user_id, "session": session_id, "scope": scope})

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[psycopg.AsyncConnection[Account]]:
        try:
            connection = await psycopg.AsyncConnection.connect(
                self._database_url, connect_timeout=5, row_factory=class_row(Account)
            )
        except psycopg.OperationalError as error:
            raise AuthError(503, "unexpected_failure", "The database is not available right now") from error
        async with connection:
            yield connection


async def _account(connection: psycopg.AsyncConnection[Account], user_id: uuid.UUID) -> Account:
    query = f"select {_COLUMNS} from auth.users where id = %s and {_MAY_SIGN_IN}"  # noqa: S608 - constants only.
    account = await (await connection.execute(query.encode(), [user_id])).fetchone()
    if account is None:
        raise AuthError(403, "user_not_found", "User from sub claim in JWT does not exist")
    return account


async def _new_refresh_token(
    connection: psycopg.AsyncConnection[Account],
    session_id: uuid.UUID,
    account: Account,
    *,
    parent: str | None,
) -> str:
    token = secrets.token_urlsafe(9)
    query = """
        insert into auth.refresh_tokens (token, user_id, session_id, parent, revoked, created_at, updated_at)
        values (%s, %s, %s, %s, false, now(), now())
    """
    await connection.execute(query, [token, str(account.id), session_id, parent])
    return token


def _refresh_error(*, is_known: bool) -> AuthError:
    if is_known:
        return AuthError(400, "refresh_token_already_used", "Invalid Refresh Token: Already Used")
    return AuthError(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")
