"""A live landing page, and what happens to its leads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from shared.landing_page.consent import CONSENT_TEXTS, CURRENT_CONSENT
from tests.actors import Person
from tests.database import Database


@dataclass
class Place:
    """A live page, whose it is, and who approves."""

    db: Database
    partner: Person = field(init=False)
    admin: Person = field(init=False)
    page_id: UUID = field(init=False)

    def __post_init__(self) -> None:
        self.partner, self.admin = self.db.add_partner(), self.db.add_admin()
        self.page_id = self.db.add_live_page(self.partner, self.admin)

    def ask(
        self, lead_id: UUID | None = None, page_id: UUID | None = None, **answers: object
    ) -> dict[str, Any]:
        """Send a lead of somebody new, unless the answers say who."""
        lead = {
            "id": str(lead_id or uuid4()),
            "page_id": str(page_id or self.page_id),
            "email": f"{uuid4()}@voorbeeld.nl",
            "consent_version": CURRENT_CONSENT,
            "consent_text": CONSENT_TEXTS[CURRENT_CONSENT],
            **answers,
        }
        with self.db.acting_as("event_recorder"):
            answer: dict[str, Any] = self.db.value("select public.record_lead(%s)", [Jsonb(lead)])
        return answer

    def lead(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        return self.db.row("select * from public.partner_leads where id = %s", [answer["lead_id"]])

    def conversions(self) -> int:
        count: int = self.db.page(self.page_id)["conversions_count"]
        return count

    def release(self, answer: Mapping[str, Any]) -> str:
        with self.db.acting_as(self.admin):
            outcome: str = self.db.value("select public.release_lead(%s)", [answer["lead_id"]])
        return outcome

    def limit(self, **limits: int) -> None:
        for name, most in limits.items():
            self.db.run(f"update private.lead_limits set {name} = %s", [most])
