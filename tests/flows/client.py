"""Somebody with a JWT of their own, over plain HTTP: what a journey's partner, admin and job do."""

from typing import Any

import httpx

from stack.project import Project

Json = dict[str, Any]


class Client:
    """Somebody with a JWT: a partner, an admin, or a job."""

    def __init__(self, project: Project, http: httpx.Client, who: str) -> None:
        """Sign a token for an e-mail address or a narrow role."""
        self._http = http
        self._rest = f"{project.supabase_url}/rest/v1"
        self._functions = project.functions_url
        self._headers = {"apikey": project.publishable_key, "Authorization": f"Bearer {project.token(who)}"}

    def select(self, query: str) -> list[Json]:
        """Read rows, as `table?filters`."""
        return list(self._send("GET", f"{self._rest}/{query}").json())

    def insert(self, table: str, row: Json) -> Json:
        """Add a row and return it."""
        answer = self._send("POST", f"{self._rest}/{table}", row, {"Prefer": "return=representation"})
        return dict(answer.json()[0])

    def call(self, function: str, **arguments: object) -> Any:  # noqa: ANN401 - whatever the function returns.
        """Call a database function."""
        return self._send("POST", f"{self._rest}/rpc/{function}", arguments).json()

    def step(self, page_id: str, action: str, **body: object) -> Json:
        """Take a page one step through the workflow."""
        url = f"{self._functions}/landing-pages/{page_id}/{action}"
        return dict(self._send("POST", url, body or None).json())

    def _send(
        self, method: str, url: str, body: Json | None = None, headers: Json | None = None
    ) -> httpx.Response:
        answer = self._http.request(method, url, json=body, headers={**self._headers, **(headers or {})})
        if answer.is_error:
            raise RuntimeError(f"{method} {url} answered {answer.status_code}: {answer.text}")
        return answer
