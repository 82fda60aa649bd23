"""The mails about a lead: what they say, and what a stranger's words cannot make of them."""

from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

import pytest

from functions.jobs.lead_mail import LeadMail
from tests.functions.deliveries import PERSON, delivery, parsed

MAIL = LeadMail(Address("Dakmarkt", addr_spec="aanvragen@dakmarkt.voorbeeld.nl"), "https://www.example.nl")


def _write(told: dict[str, Any]) -> EmailMessage:
    """Write a mail and read it back from its bytes, as whoever gets it does."""
    return message_from_bytes(MAIL.write(parsed(told), told["recipient"]).as_bytes(), policy=policy.default)


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_a_partner_reads_who_asked_and_for_what_and_answers_them() -> None:
    told = delivery()
    mail = _write(told)

    assert mail["Subject"] == "Nieuwe aanvraag via Dakreparatie in Tilburg"
    assert mail["From"] == "Dakmarkt <aanvragen@dakmarkt.voorbeeld.nl>"
    assert mail["To"] == "info@vandijk.voorbeeld.nl"
    assert mail["Reply-To"] == "Anna de Vries <anna@voorbeeld.nl>"
    assert mail["Message-ID"] == f"<{told['id']}@dakmarkt.voorbeeld.nl>"
    assert mail.get_content_type() == "multipart/alternative"
    for kind in ("plain", "html"):
        text = _part(mail, kind)
        for word in (
            "Anna de Vries",
            "06 12345678",
            "anna@voorbeeld.nl",
            "5013 CD",
            "Het dak lekt bij de schoorsteen.",
            "18-11-2026 om 13:00",
            "https://www.example.nl/partners/van-dijk/tilburg",
            "https://www.example.nl/partner-leads",
        ):
            assert word in text, (kind, word)
    assert 'href="tel:+31612345678"' in _part(mail, "html")
    assert 'name="viewport"' in _part(mail, "html")


def test_nobody_is_named_in_a_subject() -> None:
    for told in (delivery(), delivery("visitor_mail"), delivery(page=None, channel="meta_ads")):
        subject = _write(told)["Subject"]
        assert not [value for value in PERSON.values() if str(value) in subject]


def test_a_retry_carries_the_same_id() -> None:
    told = delivery()
    assert _write(told)["Message-ID"] == _write({**told, "attempts": 2})["Message-ID"]


def test_a_visitor_reads_who_will_call_and_nothing_that_anybody_wrote() -> None:
    mail = _write(delivery("visitor_mail", recipient="anna@voorbeeld.nl", person=PERSON))

    assert mail["Subject"] == "Je aanvraag bij Dakwerken Van Dijk B.V."
    assert mail["Reply-To"] is None
    for kind in ("plain", "html"):
        text = _part(mail, kind)
        assert "Dakwerken Van Dijk B.V." in text
        assert "verwijderen" in text
        assert not [value for value in ("Anna", "lekt", "5013", "12345678") if value in text]


def test_a_platforms_lead_is_told_with_its_answers() -> None:
    answers = {"Welk dak?": "Plat", "Wanneer?": ["Nu", "Later"], "Ook gemeld": {"name": "B", "phone": None}}
    mail = _write(delivery(page=None, channel="meta_ads", source=None, person={**PERSON, "answers": answers}))

    assert mail["Subject"] == "Nieuwe aanvraag via Meta (Facebook, Instagram)"
    for kind in ("plain", "html"):
        text = _part(mail, kind)
        assert "Plat" in text
        assert "Nu, Later" in text
        assert "name: B" in text


def test_a_second_message_says_so() -> None:
    assert _write(delivery(outcome="duplicate"))["Subject"].startswith("Nog een bericht via ")


@pytest.mark.parametrize(
    "email",
    [
        None,
        "",
        "geen adres",
        "a@voorbeeld.nl\r\nBcc: b@voorbeeld.nl",
        "a@voorbeeld.nl, b@voorbeeld.nl",
    ],
)
def test_what_is_no_address_is_not_answered_to(email: str | None) -> None:
    mail = _write(delivery(person={**PERSON, "email": email}))

    assert mail["Reply-To"] is None
    assert mail["Bcc"] is None
    assert "Beantwoord je deze mail" not in _part(mail, "plain")


@pytest.mark.parametrize(
    "name",
    [
        "Anna\r\nBcc: b@voorbeeld.nl",
        'Anna" <x@voorbeeld.nl>, "',
        "Zoë de Vries, schilder",
        "\x00\x1b[2J",
        "<script>alert(1)</script>",
        "é" * 200,
    ],
)
def test_no_name_becomes_a_header_or_markup(name: str) -> None:
    mail = _write(delivery(person={**PERSON, "name": name, "message": name}))

    (customer,) = mail["Reply-To"].addresses
    assert customer.addr_spec == "anna@voorbeeld.nl"
    assert [mail[header] for header in ("Bcc", "Cc")] == [None, None]
    assert "<script" not in _part(mail, "html")
    assert all(len(line) <= 998 for line in mail.as_bytes().splitlines())


def test_a_number_that_is_none_stands_as_it_was_given() -> None:
    mail = _write(delivery(person={**PERSON, "phone": "bel me maar"}))

    assert "bel me maar" in _part(mail, "html")
    assert "tel:" not in _part(mail, "html")
