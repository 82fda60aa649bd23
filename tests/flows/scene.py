"""Who and what a journey is about, made the way that people make it: through the API and the functions."""

import datetime as dt
import itertools
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from demo.content import landing_page
from stack.project import Project
from tests.actors import Actor, Person, sign_token
from tests.database import Database
from tests.flows.client import Client

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Scene:
    """A partner with a page in each state of the workflow, a stranger, and an admin."""

    project: Project
    http: httpx.Client
    partner: Person
    stranger: Person
    admin: Person
    pages: dict[str, str]

    @classmethod
    def build(cls, project: Project, database: Database, http: httpx.Client) -> "Scene":
        partner, stranger, admin = database.add_partner(), database.add_partner(), database.add_admin()
        # The pages are one and the same, since no journey is about what they say.
        database.allow_likeness(partner, 1)
        scene = cls(project, http, partner, stranger, admin, {})
        scene.pages["concept"] = scene.write_page()
        scene.pages["review"] = scene.submit(scene.write_page())
        scene.pages["live"] = scene.publish_page()
        scene.pages["archived"] = scene.publish_page()
        scene.client(partner).step(scene.pages["archived"], "archive")
        _make_salts(project, http)
        return scene

    @property
    def images(self) -> str:
        """How the addresses of pictures in the project's bucket begin."""
        return f"{self.project.supabase_url}/storage/v1/object/public/landing-page-images/"

    def client(self, who: Person) -> Client:
        return _client(self.project, self.http, who.email)

    def authorization(self, who: Actor) -> dict[str, str]:
        return {"Authorization": f"Bearer {sign_token(self.project, who)}"}

    def write_page(self, **columns: object) -> str:
        path = self.partner.path(f"pagina-{next(_numbers)}")
        row: dict[str, Any] = {**landing_page(path), **columns}
        return str(self.client(self.partner).insert("partner_landing_pages", row)["id"])

    def submit(self, page_id: str) -> str:
        self.client(self.partner).step(page_id, "submit")
        return page_id

    def approve(self, page_id: str) -> str:
        admin = self.client(self.admin)
        (waiting,) = admin.select(f"landing_pages_in_review?id=eq.{page_id}&select=content_hash")
        admin.step(page_id, "approve", content_hash=waiting["content_hash"])
        return page_id

    def publish_page(self) -> str:
        return self.approve(self.submit(self.write_page()))

    def path(self, state: str) -> str:
        return self.path_of(self.pages[state])

    def path_of(self, page_id: str) -> str:
        (page,) = self.client(self.partner).select(f"partner_landing_pages?id=eq.{page_id}&select=path")
        return str(page["path"])


@cache
def _client(project: Project, http: httpx.Client, who: str) -> Client:
    # Whose token is good for an hour, and costs a connection to the database.
    return Client(project, http, who)


def _make_salts(project: Project, http: httpx.Client) -> None:
    # Those of all days that events may be of: made at first need, and here before anybody compares.
    today = dt.datetime.now(ZoneInfo("Europe/Amsterdam")).date()
    for day in (today - dt.timedelta(days=1), today, today + dt.timedelta(days=1)):
        _client(project, http, "event_recorder").call("visitor_salt", day=day.isoformat())
