"""The mails about a lead, in Dutch, as text and as HTML: to its partner, and to who sent the form."""

import datetime as dt
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from functions.jobs.delivery import Delivery
from shared.http.clock import AMSTERDAM
from shared.lead.contact import as_email, as_phone, as_spoken, as_text
from shared.lead.sources import SOURCES


class LeadMail:
    """Writes the mails, from one sender."""

    def __init__(self, sender: Address, site_origin: str) -> None:
        """Link to pages, and to the partners' screen, under `site_origin`."""
        self._sender = sender
        self._site_origin = site_origin

    def write(self, delivery: Delivery, recipient: str) -> EmailMessage:
        """Write the mail of a delivery: the same Message-ID each time, and nobody in its subject."""
        # Values are checked and folded by the policy, which raises for a line break.
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = recipient
        message["Date"] = format_datetime(dt.datetime.now(dt.UTC))
        message["Message-ID"] = f"<{delivery.id}@{self._sender.domain}>"
        # RFC 3834: no out-of-office answer to this.
        message["Auto-Submitted"] = "auto-generated"
        if delivery.kind == "partner_mail":
            message["Subject"] = _subject_for_partner(delivery)
            if customer := _customer(delivery):
                message["Reply-To"] = customer
        else:
            message["Subject"] = f"Je aanvraag bij {delivery.company or 'het bedrijf'}"
        context = {"delivery": delivery, "site_origin": self._site_origin, "sources": SOURCES}
        environment = _environment()
        message.set_content(environment.get_template(f"{delivery.kind}.txt.j2").render(context))
        html = environment.get_template(f"{delivery.kind}.html.j2").render(context)
        message.add_alternative(html, subtype="html")
        return message


def _subject_for_partner(delivery: Delivery) -> str:
    what = "Nog een bericht" if delivery.outcome == "duplicate" else "Nieuwe aanvraag"
    if delivery.page is not None:
        return f"{what} via {delivery.page.title}"
    return f"{what} via {SOURCES.get(delivery.channel or '', 'een advertentie')}"


def _customer(delivery: Delivery) -> Address | None:
    """Return whom an answer goes to; nobody where a platform passed on what is no address."""
    person = delivery.person
    address = as_email(person.email)
    if address is None:
        return None
    name = "".join(character for character in person.name or "" if character.isprintable())
    return Address(name.strip(), addr_spec=address)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = {"email": as_email, "phone": as_phone, "spoken": as_spoken, "text": as_text, "moment": _moment}
    environment.filters.update(filters)
    return environment


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(AMSTERDAM).strftime("%d-%m-%Y om %H:%M")
