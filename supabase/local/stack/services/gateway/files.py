"""Files as Supabase Storage keeps them: a row in storage.objects each, and the bytes beside the database.

The order of things is Storage's own (https://github.com/supabase/storage, src/storage/uploader.ts), since
policies and triggers depend on it: the caller's insert is tried and rolled back, then the bytes are taken in,
then the row is written as service_role.
"""

import json
import re
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb

_AS_SERVICE: Mapping[str, Any] = {"role": "service_role"}
# What Storage allows in a name (src/storage/limits.ts).
_NAME = re.compile(r"[\w/!.\-*'() &$@=;:+,?]+", re.ASCII)


class StorageError(Exception):
    """A refusal in the shape that Storage's clients read."""

    def __init__(self, status: int, error: str, message: str) -> None:
        """Say which; `error` is Storage's own word for it."""
        super().__init__(message)
        self.status = status
        self.error = error


@dataclass(frozen=True)
class Upload:
    """What somebody sends to be kept."""

    content: bytes
    media_type: str
    cache_control: str


@dataclass(frozen=True)
class StoredFile:
    """A file that is kept."""

    path: Path
    media_type: str
    cache_control: str


class Files:
    """Keeps files in one directory, each under the version that its row names."""

    def __init__(self, database_url: str, directory: Path) -> None:
        """Log in as a role that may become the callers' roles."""
        self._database_url = database_url
        self._directory = directory

    async def upload(
        self, claims: Mapping[str, Any], bucket_id: str, name: str, upload: Upload, *, is_upsert: bool
    ) -> uuid.UUID:
        """Keep a file that the caller may write there, and return its id."""
        if not _NAME.fullmatch(name):
            raise StorageError(400, "InvalidKey", f"Invalid key: {name}")
        bucket = await self._find_bucket(bucket_id)
        version = str(uuid.uuid4())
        row = {
            "bucket": bucket_id,
            "name": name,
            "version": version,
            "owner": claims.get("sub"),
            "metadata": Jsonb(
                {
                    "size": len(upload.content),
                    "mimetype": upload.media_type,
                    "cacheControl": upload.cache_control,
                    "contentLength": len(upload.content),
                }
            ),
        }
        insert: LiteralString = (
            "insert into storage.objects (bucket_id, name, version, owner, owner_id, metadata)"
            " values (%(bucket)s, %(name)s, %(version)s, %(owner)s::uuid, %(owner)s, %(metadata)s)"
        )
        upsert: LiteralString = (
            " on conflict (bucket_id, name) do update"
            " set version = excluded.version, metadata = excluded.metadata, updated_at = now()"
        )
        async with self._acting_as(claims) as connection, connection.transaction(force_rollback=True):
            await connection.execute(insert + (upsert if is_upsert else ""), row)
        _check_limits(bucket, upload)
        self._directory.mkdir(exist_ok=True)
        path = self._directory / version
        path.write_bytes(upload.content)
        try:
            async with self._acting_as(_AS_SERVICE) as connection:
                done = await connection.execute(insert + upsert + " returning id", row)
                (written,) = await done.fetchall()
        except StorageError:
            path.unlink()
            raise
        object_id: uuid.UUID = written["id"]
        return object_id

    async def find_public(self, bucket_id: str, name: str) -> StoredFile:
        """Return a file of a public bucket, which everybody may read."""
        query = """
            select o.version, o.metadata from storage.objects as o
            join storage.buckets as b on b.id = o.bucket_id
            where b.public and o.bucket_id = %s and o.name = %s
        """
        async with self._acting_as(_AS_SERVICE) as connection:
            found = await (await connection.execute(query, [bucket_id, name])).fetchone()
        if found is None:
            raise StorageError(404, "not_found", "Object not found")
        metadata = found["metadata"]
        return StoredFile(self._directory / found["version"], metadata["mimetype"], metadata["cacheControl"])

    async def list_files(
        self, claims: Mapping[str, Any], bucket_id: str, folder: str, limit: int, offset: int
    ) -> list[DictRow]:
        """Return the files in a folder that the caller may see, by name."""
        query = """
            select storage.filename(name) as name, id, updated_at, created_at, last_accessed_at, metadata
            from storage.objects
            where bucket_id = %s and array_to_string(storage.foldername(name), '/') = %s
            order by name limit %s offset %s
        """
        async with self._acting_as(claims) as connection:
            found = await connection.execute(query, [bucket_id, folder.strip("/"), limit, offset])
            return await found.fetchall()

    async def remove(self, claims: Mapping[str, Any], bucket_id: str, names: Sequence[str]) -> list[DictRow]:
        """Delete those files that the caller may delete, and return their rows."""
        query = """
            delete from storage.objects where bucket_id = %s and name = any (%s)
            returning name, bucket_id, id, version, metadata
        """
        async with self._acting_as(claims) as connection:
            await connection.execute("select set_config('storage.allow_delete_query', 'true', true)")
            removed = await (await connection.execute(query, [bucket_id, list(names)])).fetchall()
        for row in removed:
            (self._directory / row["version"]).unlink(missing_ok=True)
        return removed

    async def _find_bucket(self, bucket_id: str) -> DictRow:
        query = "select file_size_limit, allowed_mime_types from storage.buckets where id = %s"
        async with self._acting_as(_AS_SERVICE) as connection:
            bucket = await (await connection.execute(query, [bucket_id])).fetchone()
        if bucket is None:
            raise StorageError(404, "Bucket not found", "Bucket not found")
        return bucket

    @asynccontextmanager
    async def _acting_as(self, claims: Mapping[str, Any]) -> AsyncIterator[psycopg.AsyncConnection[DictRow]]:
        try:
            connection = await psycopg.AsyncConnection.connect(
                self._database_url, connect_timeout=5, row_factory=dict_row
            )
        except psycopg.OperationalError as error:
            raise StorageError(503, "DatabaseError", "The database is not available right now") from error
        try:
            async with connection:
                await connection.execute(
                    "select set_config('request.jwt.claims', %s, true), set_config('role', %s, true)",
                    [json.dumps(dict(claims)), claims.get("role", "anon")],
                )
                yield connection
        except psycopg.Error as error:
            raise _refusal(error) from error


def _check_limits(bucket: DictRow, upload: Upload) -> None:
    if bucket["allowed_mime_types"] and upload.media_type not in bucket["allowed_mime_types"]:
        raise StorageError(415, "invalid_mime_type", f"mime type {upload.media_type} is not supported")
    if bucket["file_size_limit"] is not None and len(upload.content) > bucket["file_size_limit"]:
        raise StorageError(413, "Payload too large", "The object exceeded the maximum allowed size")


def _refusal(error: psycopg.Error) -> StorageError:
    """Return what Storage makes of an error (src/storage/database/errors.ts)."""
    message = error.diag.message_primary or ""
    match error.sqlstate:
        case "42501":
            if "row-level security" in message:
                message = "new row violates row-level security policy"
            return StorageError(403, "Unauthorized", message)
        case "23505":
            return StorageError(409, "Duplicate", "The resource already exists")
        case code:
            return StorageError(500, "DatabaseError", f"database error, code: {code}")
