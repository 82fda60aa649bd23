"""A stand-in for the part of Supabase Storage that pictures need: upload, public URL, list, remove.

Private and signed URLs, resumable uploads, moving, transformations and buckets' administration are not here.
"""

from http import HTTPStatus
from typing import Any

import jwt
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from stack.services.gateway.files import Files, StorageError, Upload
from stack.services.gateway.keys import key_ring

_ROWS = TypeAdapter(list[dict[str, Any]])


class ListOptions(BaseModel):
    """The body of a listing; what else clients send (search, sortBy) is not looked at."""

    model_config = ConfigDict(extra="ignore")

    prefix: str = ""
    limit: int = Field(default=100, ge=1, le=1000)
    offset: int = Field(default=0, ge=0)


class Removal(BaseModel):
    """The body of a removal: whole names, in spite of the member's."""

    model_config = ConfigDict(extra="ignore")

    prefixes: list[str]


async def upload(request: Request) -> Response:
    """Keep a file under a new name, or with `x-upsert` in place of another."""
    bucket, name = request.path_params["bucket"], request.path_params["name"]
    is_upsert = request.headers.get("x-upsert") == "true"
    claims = _claims(request)
    object_id = await _files(request).upload(claims, bucket, name, await _read(request), is_upsert=is_upsert)
    return JSONResponse({"Key": f"{bucket}/{name}", "Id": str(object_id)})


async def show_public(request: Request) -> Response:
    """Answer with a file of a public bucket. This needs no API key."""
    file = await _files(request).find_public(request.path_params["bucket"], request.path_params["name"])
    return FileResponse(file.path, media_type=file.media_type, headers={"Cache-Control": file.cache_control})


async def list_files(request: Request) -> Response:
    """List a folder."""
    options = ListOptions.model_validate_json(await request.body())
    found = await _files(request).list_files(
        _claims(request), request.path_params["bucket"], options.prefix, options.limit, options.offset
    )
    return _rows(found)


async def remove(request: Request) -> Response:
    """Delete files by name."""
    removal = Removal.model_validate_json(await request.body())
    removed = await _files(request).remove(_claims(request), request.path_params["bucket"], removal.prefixes)
    return _rows(removed)


async def missing(request: Request) -> Response:
    """Say that a part of Storage is not here."""
    raise StorageError(404, "not_found", f"The local stack has no {request.method} {request.url.path}.")


def storage_error(_request: Request, error: Exception) -> Response:
    """Put a refusal into Storage's shape, whose status is nearly always 400."""
    if isinstance(error, ValidationError):
        error = StorageError(400, "InvalidRequest", "The body is not JSON with the fields it needs")
    if not isinstance(error, StorageError):
        raise error
    body = {"statusCode": str(error.status), "error": error.error, "message": str(error)}
    is_ours = error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return JSONResponse(body, error.status if is_ours else HTTPStatus.BAD_REQUEST)


async def _read(request: Request) -> Upload:
    # A browser sends a form, a program often the bytes alone.
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        media_type = request.headers.get("content-type", "application/octet-stream")
        cache_control = request.headers.get("cache-control", "no-cache")
        return Upload(await request.body(), media_type, cache_control)
    async with request.form(max_files=1, max_fields=10) as form:
        file = next((value for value in form.values() if isinstance(value, UploadFile)), None)
        if file is None:
            raise StorageError(400, "NoContentProvided", "No file provided")
        seconds = form.get("cacheControl")
        cache_control = f"max-age={seconds}" if seconds else "no-cache"
        return Upload(await file.read(), file.content_type or "application/octet-stream", cache_control)


def _files(request: Request) -> Files:
    files: Files = request.app.state.files
    return files


def _claims(request: Request) -> dict[str, Any]:
    keys = key_ring(request)
    given = keys.authorization(request.headers).partition(" ")[2]
    try:
        return keys.state.signing_key.verify(given)
    except jwt.InvalidTokenError as error:
        raise StorageError(403, "Unauthorized", str(error)) from error


def _rows(rows: list[dict[str, Any]]) -> Response:
    return Response(_ROWS.dump_json(rows), media_type="application/json")
