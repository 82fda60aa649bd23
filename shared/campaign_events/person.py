"""Whoever filled in a platform's form, out of questions and answers in whatever words."""

import re
from collections.abc import Iterable, Mapping

from shared.campaign_events.event import Person
from shared.campaign_events.payload import text

# By the names that platforms and middlemen give their fields, in lower case, without what is between words.
_FIELDS = {
    "name": "name",
    "fullname": "name",
    "email": "email",
    "emailaddress": "email",
    "workemail": "email",
    "phone": "phone",
    "phonenumber": "phone",
    "workphone": "phone",
    "workphonenumber": "phone",
    "postcode": "postcode",
    "postalcode": "postcode",
    "zip": "postcode",
    "zipcode": "postcode",
}
_NAME_PARTS = {"firstname": "first", "lastname": "last"}
_BETWEEN = re.compile(r"[\W_]+")

Answer = tuple[str, str, object]
"""The id of a field, the question as it was put, and the answer."""


def read_person(answers: Iterable[Answer], tags: Mapping[str, str] | None = None) -> Person | None:
    """Return who answered, all answers as given; None when nobody did."""
    known: dict[str, str] = {}
    parts: dict[str, str] = {}
    given: dict[str, object] = {}
    for number, (field_id, question, answer) in enumerate(answers, 1):
        given[question if question not in given else f"{question} #{number}"] = answer
        field = _BETWEEN.sub("", field_id.lower()).removeprefix("user")
        said = text(answer[0] if isinstance(answer, list) and len(answer) == 1 else answer)
        if said and field in _NAME_PARTS:
            parts.setdefault(_NAME_PARTS[field], said)
        elif said and field in _FIELDS:
            known.setdefault(_FIELDS[field], said)
    if parts:
        known.setdefault("name", " ".join(parts[part] for part in ("first", "last") if part in parts))
    if not given and not tags:
        return None
    return Person(**known, answers=given, tags=tags or {})


def members_as_answers(members: Mapping[str, object]) -> Iterable[Answer]:
    """Return each member as an answer under its name, nested objects' members under their own."""
    for name, value in members.items():
        if isinstance(value, dict):
            yield from members_as_answers(value)
        else:
            yield name, name, value
