"""How a person can be reached, for links and mails. What they wrote may be no address at all."""

import phonenumbers
from email_validator import EmailNotValidError, validate_email


def as_email(text: str | None) -> str | None:
    """Return an address that can stand in a header, in ASCII."""
    try:
        found = validate_email(text or "", check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return found.ascii_email


def as_phone(text: str | None) -> str | None:
    """Return a number as `tel:` wants it, E.164; None for what is none."""
    try:
        number = phonenumbers.parse(text or "", "NL")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def as_spoken(text: str) -> str:
    """Write a number as people read it out: 06 12345678; what is none stays as it is."""
    phone = as_phone(text)
    if phone is None:
        return text
    number = phonenumbers.parse(phone)
    is_dutch = number.country_code == phonenumbers.country_code_for_region("NL")
    forms = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, forms.NATIONAL if is_dutch else forms.INTERNATIONAL)


def as_text(value: object) -> str:
    """Write an answer of a platform's form, which may be a list or have parts."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {as_text(part)}" for name, part in value.items() if part)
    if isinstance(value, list):
        return ", ".join(as_text(part) for part in value)
    return "" if value is None else str(value)
