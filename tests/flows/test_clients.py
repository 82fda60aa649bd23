"""The clients that others write with, as their registries have them, as a partner's own program."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stack import Stack
from tests.actors import Person, sign_token
from tests.database import Database
from tests.flows.records import Records

PROGRAMS = Path(__file__).parent / "clients"
PASSWORD = "geheim-wachtwoord"  # noqa: S105 - of a made-up person.


@dataclass(frozen=True)
class Journey:
    """What a client found, and what was there."""

    found: dict[str, dict[str, Any]]
    partner: Person
    own_path: str
    new_path: str
    changed_tables: set[str]

    def data(self, step: str) -> Any:  # noqa: ANN401 - rows of any shape.
        """Return what a step that was not refused answered."""
        assert self.found[step]["code"] is None, self.found[step]
        return self.found[step]["data"]

    def refusal(self, step: str) -> str:
        """Return the code that a step was refused with."""
        assert self.found[step]["data"] is None, self.found[step]
        return str(self.found[step]["code"])


def client_program(name: str) -> list[str]:
    """Return what runs a program of that name."""
    if name.endswith(".py"):
        return [sys.executable]
    node = shutil.which("node")
    assert node is not None
    # createClient() needs a WebSocket, which Node has without being asked from version 22 on.
    has_websocket = subprocess.check_output([node, "-p", "typeof WebSocket"], text=True).strip() == "function"
    return [node, *([] if has_websocket else ["--experimental-websocket"])]


@pytest.fixture(scope="module", params=["partner.mjs", "partner.py"])
def program(request: pytest.FixtureRequest) -> list[str]:
    return [*client_program(request.param), str(PROGRAMS / request.param)]


@pytest.fixture(scope="module", params=["password", "access token"])
def journey(
    program: list[str], request: pytest.FixtureRequest, stack: Stack, platform: Database, records: Records
) -> Journey:
    partner, stranger = platform.add_partner(), platform.add_partner()
    platform.run(
        "update auth.users set encrypted_password = extensions.crypt(%s, extensions.gen_salt('bf', 4))"
        " where id = %s",
        [PASSWORD, partner.id],
    )
    own_path, new_path = partner.path("eigen"), partner.path("nieuw")
    platform.add_page(partner, path=own_path)
    others_page = platform.add_page(stranger)
    way_in = (
        {"EMAIL": partner.email, "PASSWORD": PASSWORD}
        if request.param == "password"
        else {"ACCESS_TOKEN": sign_token(stack.project, partner)}
    )
    before = records.fingerprint()

    done = subprocess.run(
        program,
        env={
            "PATH": os.environ["PATH"],
            "SUPABASE_URL": stack.project.supabase_url,
            "SUPABASE_PUBLISHABLE_KEY": stack.project.publishable_key,
            "PATH_OF_NEW_PAGE": new_path,
            "OTHERS_PAGE": str(others_page),
            **way_in,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    after = records.fingerprint()
    changed = {table for table in after if after[table] != before[table]}
    return Journey(json.loads(done.stdout), partner, own_path, new_path, changed)


def test_partner_lists_own_pages_and_no_others(journey: Journey) -> None:
    assert journey.data("before") == [{"path": journey.own_path}]


def test_partner_creates_a_concept_of_their_own(journey: Journey) -> None:
    (created,) = journey.data("created")

    assert created["path"] == journey.new_path
    assert created["status"] == "concept"
    assert created["partner_id"] == str(journey.partner.id)
    assert journey.data("after") == [{"path": journey.own_path}, {"path": journey.new_path}]


def test_partner_edits_own_page(journey: Journey) -> None:
    (edited,) = journey.data("edited")

    assert edited["title"] == "Beter"


def test_another_partners_page_is_not_there(journey: Journey) -> None:
    """No row, rather than a refusal: that it exists is nobody's business either."""
    assert journey.data("others_read") == []
    assert journey.data("others_edited") == []


def test_nobody_deletes_pages(journey: Journey) -> None:
    assert journey.refusal("others_deleted") == "42501"


def test_another_partners_page_takes_no_step(journey: Journey) -> None:
    assert journey.refusal("others_archived") == "PT404"


def test_partner_writes_neither_status_nor_counters(journey: Journey) -> None:
    assert journey.refusal("status_written") == "42501"
    assert journey.refusal("counter_written") == "42501"


def test_anon_sees_nothing(journey: Journey) -> None:
    assert journey.refusal("anon_read") == "42501"
    assert journey.refusal("anon_profiles") == "42501"


def test_only_the_partners_own_pages_changed(journey: Journey) -> None:
    """And how many of them there are."""
    assert journey.changed_tables == {"public.partner_landing_pages", "private.partner_quotas"}
