"""PostgREST as somebody calls it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tests.actors import Actor


@dataclass(frozen=True)
class Api:
    """PostgREST with one caller's token; None sends none, which makes the caller anon."""

    client: httpx.Client
    token: str | None

    def send(  # noqa: PLR0913 - the parts of a request.
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,  # noqa: ANN401 - any body.
        prefer: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        everything = dict(headers or {})
        if self.token is not None:
            everything["Authorization"] = f"Bearer {self.token}"
        if prefer is not None:
            everything["Prefer"] = prefer
        return self.client.request(method, url, params=dict(params or {}), json=json, headers=everything)

    def insert(self, table: str, row: Any, *, prefer: str = "return=minimal") -> httpx.Response:  # noqa: ANN401
        return self.send("POST", f"/{table}", json=row, prefer=prefer)

    def update(self, table: str, values: Mapping[str, Any], **row: object) -> httpx.Response:
        """Change one row and answer it as `[{"id": …}]`, or `[]` where it is out of reach."""
        filters = {name: f"eq.{value}" for name, value in row.items()}
        return self.send(
            "PATCH",
            f"/{table}",
            params={**filters, "select": next(iter(row))},
            json=dict(values),
            prefer="return=representation",
        )

    def call(self, function: str, arguments: Mapping[str, Any]) -> httpx.Response:
        return self.send("POST", f"/rpc/{function}", json=dict(arguments))


As = Callable[[Actor], Api]
