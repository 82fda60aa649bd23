# A program, not a module of the tests.  # noqa: INP001
"""A program that hands pages in: by supabase-py as it stands, and by its client of functions elsewhere."""

import json
import os
import sys
from typing import Any

from supabase_functions import SyncFunctionsClient
from supabase_functions.errors import FunctionsHttpError

from supabase import create_client

URL, KEY, PAGE = (os.environ[name] for name in ("SUPABASE_URL", "SUPABASE_PUBLISHABLE_KEY", "PAGE"))
TOKEN = os.environ["ACCESS_TOKEN"]


def outcome(client: Any, name: str, method: str = "POST") -> dict[str, object]:  # noqa: ANN401 - it has no public base.
    try:
        answer = client.invoke(name, {"method": method, "responseType": "json"})
    except FunctionsHttpError as error:
        return {"data": None, "problem": str(error)}
    return {"data": answer, "problem": None}


def main() -> None:
    supabase, nobody = create_client(URL, KEY), create_client(URL, KEY)
    supabase.functions.set_auth(TOKEN)
    elsewhere = SyncFunctionsClient(os.environ["FUNCTIONS_URL"], {"Authorization": f"Bearer {TOKEN}"})
    submit = f"landing-pages/{PAGE}/submit"
    found = {
        "by_project": outcome(supabase.functions, f"landing_page_publish/{submit}"),
        "elsewhere": outcome(elsewhere, submit),
        "report": outcome(supabase.functions, "landing_page_report/reports/landing-pages.json", "GET"),
        "nobody": outcome(nobody.functions, f"landing_page_publish/{submit}"),
        "unknown": outcome(supabase.functions, "nergens"),
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
