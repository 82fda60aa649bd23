"""A page's content with every block in it, small enough to read."""

from typing import Any

from functions.landing_page_publish.content import Content
from functions.landing_page_publish.gates import check_snapshot, refuse
from functions.landing_page_publish.snapshot import Snapshot
from shared.landing_page.consent import CURRENT_CONSENT
from tests.functions.senders import PAGE_ID

HASH = "ab" * 32

# As in the project that the functions of these tests belong to.
IMAGES = "https://project.supabase.test/storage/v1/object/public/landing-page-images/"


def image(alt: str = "Schilder aan het werk") -> dict[str, Any]:
    return {"src": f"{IMAGES}jansen/1.jpg", "alt": alt, "width": 800, "height": 600}


def checked(page: Snapshot) -> Content:
    """Return the content of a page that passes every gate, but for its size.

    Raises:
        ContentRefused: It does not.
    """
    read, failures = check_snapshot(page, [IMAGES])
    if read is None or failures:
        refuse(failures)
    return read


def block(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"id": kind, "type": kind, "data": data}


def content() -> dict[str, Any]:
    """Write a page that passes every gate."""
    link = {"label": "Vraag een offerte aan", "href": "#offerte"}
    fields = ["name", "email", "phone", "postcode", "service", "message", "preferred_date"]
    return {
        "v": 1,
        "blocks": [
            block(
                "hero", {"headline": "Schilderwerk", "subline": "In Tilburg", "cta": link, "image": image()}
            ),
            block("usps", {"items": [{"title": f"Reden {n}", "text": "Daarom."} for n in range(3)]}),
            block("services", {"items": [{"name": "Binnen", "price_from": "1250.00", "unit": "per dag"}]}),
            block(
                "testimonials",
                {
                    "items": [
                        {"quote": "Top", "author": "A", "source": "Google", "rating": 4, "date": "2026-03-01"}
                    ]
                },
            ),
            block("faq", {"items": [{"question": f"Vraag {n}?", "answer": "Ja."} for n in range(2)]}),
            block(
                "gallery", {"items": [{"before": image("Voor"), "after": image("Na")}, {"image": image()}]}
            ),
            block("area_served", {"places": ["Tilburg", "Goirle"], "radius_km": 25}),
            block("cta", {"headline": "Nu bellen", "link": {"label": "Bel", "href": "tel:+31135550100"}}),
            block(
                "trust",
                {
                    "rating": {
                        "score": "4.8",
                        "out_of": 5,
                        "count": 212,
                        "source": "Google",
                        "url": "https://www.google.com/maps",
                    },
                    "marks": [{"name": "OnderhoudNL", "url": "https://www.onderhoudnl.nl/"}],
                },
            ),
            block("team", {"members": [{"name": "Karin", "role": "Schilder", "photo": image("Karin")}]}),
            block(
                "lead_form",
                {
                    "fields": fields,
                    "consent_version": CURRENT_CONSENT,
                    "also_to": [
                        {"partner_slug": "de-vries", "company": "De Vries Schilderwerken"},
                        {"partner_slug": "kwast", "company": "Kwast & Zonen"},
                    ],
                    "success_text": "We bellen je.",
                },
            ),
            block(
                "legal",
                {
                    "company": "Jansen Schilders",
                    "kvk_number": "12345678",
                    "address": "Spoorlaan 1, Tilburg",
                    "phone": "+31135550100",
                    "whatsapp": "+31612345678",
                    "privacy_url": "/privacy",
                },
            ),
        ],
    }


def snapshot(**changes: object) -> dict[str, Any]:
    """Write what `landing_page_snapshot` has under `snapshot`."""
    return {
        "page_id": PAGE_ID,
        "path": "/partners/jansen/tilburg",
        "title": "Tilburg",
        "subtitle": None,
        "seo_title": "Schilder in Tilburg",
        "seo_description": "Een schilder in Tilburg met vaste prijzen, eigen mensen en tien jaar garantie.",
        "content": content(),
        "template_version": "test",
        "branding": {"brand_color": "#C8441B", "logo_url": None},
    } | changes
