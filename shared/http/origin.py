"""Whether a browser says that another site sent a request."""

from starlette.requests import Request

from shared.http.errors import ForeignOrigin


def refuse_foreign(request: Request, *origins: str) -> None:
    """Refuse what a browser says a page of none of these origins sent.

    Raises:
        ForeignOrigin: It did. Whoever is no browser says nothing, and is known or bounded in other ways.
    """
    sender = request.headers.get("origin")
    is_foreign = (
        request.headers.get("sec-fetch-site") == "cross-site" if sender is None else sender not in origins
    )
    if is_foreign:
        raise ForeignOrigin("Only pages of this site may send this.")
