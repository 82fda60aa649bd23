"""Where a visit came from, as its address and the page before say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.landing_page_track.attribution import MAX_VALUE, TAGS, attribute
from tests.database import Database

SITE = "https://www.voorbeeld.nl"


@pytest.mark.parametrize(
    ("query", "referrer", "source"),
    [
        ("", "", "direct"),
        ("?bedankt=1", "", "direct"),
        ("", f"{SITE}/partners/jansen/tilburg", "direct"),
        ("", "https://www.google.nl/", "seo"),
        ("", "https://www.google.co.uk/", "seo"),
        ("", "https://duckduckgo.com/", "seo"),
        ("", "https://l.facebook.com/l.php?u=x", "social"),
        ("", "https://t.co/abc", "social"),
        ("", "https://t.voorbeeld.nl/", "referral"),
        ("", "https://google.voorbeeld.nl/", "referral"),
        ("", "https://mail.google.com/", "email"),
        ("", "https://www.homedeal.nl/schilders", "referral"),
        ("", "https://localhost/", "referral"),
        ("", "https://[broken", "direct"),
        ("?gclid=abc", "", "google_ads"),
        ("gbraid=abc", "", "google_ads"),
        ("?wbraid=abc", "https://www.google.nl/", "google_ads"),
        ("?msclkid=abc", "https://www.bing.com/", "microsoft_ads"),
        ("?ttclid=abc", "", "tiktok_ads"),
        ("?li_fat_id=abc", "", "linkedin_ads"),
        ("?fbclid=abc", "https://m.facebook.com/", "social"),
        ("?fbclid=abc&utm_source=facebook&utm_medium=paid_social", "", "meta_ads"),
        ("?utm_source=ig&utm_medium=CPC", "", "meta_ads"),
        ("?utm_source=Google&utm_medium=cpc", "", "google_ads"),
        ("?utm_source=bing&utm_medium=ppc", "", "microsoft_ads"),
        ("?utm_source=werkspot&utm_medium=cpc", "", "other"),
        ("?utm_source=herfst&utm_medium=email", "", "email"),
        ("?utm_source=nieuwsbrief", "", "email"),
        ("?utm_source=linkedin&utm_medium=social", "", "social"),
        ("?utm_source=google&utm_medium=organic", "", "seo"),
        ("?utm_source=folder&utm_medium=print", "https://www.google.nl/", "other"),
        ("?utm_campaign=folder", "", "other"),
    ],
)
def test_source(query: str, referrer: str, source: str) -> None:
    assert attribute(query, referrer, SITE).source == source


def test_tags_are_kept_as_they_were_and_nothing_else_is() -> None:
    query = "?utm_source=Google+Ads&utm_id=123&gclid=EAIa-_x&email=anna%40voorbeeld.nl&utm_term=&UTM_MEDIUM=x"

    tags = attribute(query, "", SITE).tags

    assert tags == {"utm_source": "Google Ads", "utm_id": "123", "gclid": "EAIa-_x"}


def test_long_name_is_cut_and_long_id_is_none() -> None:
    """Half a click id is another click's, or nobody's."""
    tags = attribute(f"utm_campaign={'c' * 300}&gclid={'g' * 256}&fbclid={'f' * 255}", "", SITE).tags

    assert tags == {"utm_campaign": "c" * MAX_VALUE, "fbclid": "f" * 255}


@given(query=st.text(max_size=300), referrer=st.text(max_size=100))
def test_nothing_is_too_strange(query: str, referrer: str) -> None:
    tags = attribute(query, referrer, SITE).tags

    assert set(tags) <= set(TAGS)
    assert all(value.isprintable() and len(value) <= MAX_VALUE for value in tags.values())


@given(value=st.text(min_size=1, max_size=20))
def test_control_characters_go(value: str) -> None:
    """PostgreSQL keeps no NUL and no half of a surrogate pair."""
    tags = attribute(f"utm_source=a{value}", "", SITE).tags

    assert tags["utm_source"].encode()
    assert "\0" not in tags["utm_source"]


def test_more_fields_than_any_address_has_are_not_read() -> None:
    assert attribute("&".join(f"a{n}=1" for n in range(1000)) + "&gclid=x", "", SITE).tags == {}


def test_database_keeps_the_tags_that_are_read(db: Database) -> None:
    """One that it did not know would cost the lead."""
    constraint = db.value(
        "select pg_get_constraintdef(oid) from pg_constraint"
        " where conname = 'partner_lead_contacts_tags_shape'"
    )

    assert set(re.findall(r"'(\w+)'::text", constraint)) - {"object"} == {*TAGS}
