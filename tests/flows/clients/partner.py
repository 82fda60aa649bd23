# A program, not a module of the tests.  # noqa: INP001
"""A partner's own program, on `supabase` as PyPI has it. What it finds goes to standard output as JSON.

It knows what any partner knows: the project's address, the publishable key, and its own way to sign in.
"""

import json
import os
import sys
from typing import Any

from postgrest.exceptions import APIError

from supabase import Client, create_client

URL, KEY = os.environ["SUPABASE_URL"], os.environ["SUPABASE_PUBLISHABLE_KEY"]
PATH, OTHERS_PAGE = os.environ["PATH_OF_NEW_PAGE"], os.environ["OTHERS_PAGE"]


def sign_in() -> Client:
    client = create_client(URL, KEY)
    if token := os.environ.get("ACCESS_TOKEN"):
        client.postgrest.auth(token)
    else:
        client.auth.sign_in_with_password({"email": os.environ["EMAIL"], "password": os.environ["PASSWORD"]})
    return client


def outcome(query: Any) -> dict[str, object]:  # noqa: ANN401 - the builders share no public base.
    try:
        return {"data": query.execute().data, "code": None}
    except APIError as error:
        return {"data": None, "code": error.code}


def main() -> None:
    me, nobody = sign_in(), create_client(URL, KEY)

    def pages() -> Any:  # noqa: ANN401 - as above.
        return me.table("partner_landing_pages")

    found = {
        "before": outcome(pages().select("path").order("path")),
        "created": outcome(pages().insert({"path": PATH, "title": "Nieuw"})),
        "after": outcome(pages().select("path").order("path")),
        "edited": outcome(pages().update({"title": "Beter"}).eq("path", PATH)),
        "others_read": outcome(pages().select("id").eq("id", OTHERS_PAGE)),
        "others_edited": outcome(pages().update({"title": "Gekaapt"}).eq("id", OTHERS_PAGE)),
        "others_deleted": outcome(pages().delete().eq("id", OTHERS_PAGE)),
        "status_written": outcome(pages().update({"status": "live"}).eq("path", PATH)),
        "counter_written": outcome(pages().update({"views_count": 1}).eq("path", PATH)),
        "others_archived": outcome(me.rpc("archive_landing_page", {"page_id": OTHERS_PAGE})),
        "anon_read": outcome(nobody.table("partner_landing_pages").select("id")),
        "anon_profiles": outcome(nobody.table("profiles").select("id")),
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
