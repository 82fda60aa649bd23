"""What the demo's partner writes: a roofer's page, as a good copywriter would hand it in."""

from copy import deepcopy
from typing import Any

from shared.landing_page.consent import CURRENT_ADS_CONSENTS, CURRENT_CONSENT


def landing_page(path: str) -> dict[str, Any]:
    """Return the columns of a new page."""
    return {
        "path": path,
        "title": "Dakreparatie in Tilburg",
        "subtitle": "Lekkage? Binnen 24 uur een dakdekker bij je thuis.",
        "seo_title": "Dakreparatie Tilburg | Dakwerken Van Dijk",
        "seo_description": (
            "Lekkend dak in Tilburg? Dakwerken Van Dijk komt binnen 24 uur kijken en herstelt het "
            "met 10 jaar garantie. Vraag gratis een offerte aan."
        ),
        "content_json": {"v": 1, "blocks": deepcopy(_BLOCKS)},
    }


_BLOCKS: list[dict[str, Any]] = [
    {
        "id": "top",
        "type": "hero",
        "data": {
            "headline": "Lekkend dak in Tilburg? Morgen is het dicht.",
            "subline": "Vaste dakdekkers uit de buurt, een prijs vooraf en tien jaar garantie.",
            "badge": "4,8 uit 212 klussen",
            "cta": {"label": "Vraag een gratis offerte aan", "href": "#offerte"},
        },
    },
    {
        "id": "waarom",
        "type": "usps",
        "data": {
            "headline": "Waarom Van Dijk",
            "items": [
                {"title": "Binnen 24 uur ter plaatse", "text": "Ook in het weekend, bij spoed dezelfde dag."},
                {"title": "Vaste prijs vooraf", "text": "Geen voorrijkosten, geen verrassing achteraf."},
                {"title": "Tien jaar garantie", "text": "Schriftelijk, op materiaal en op het werk."},
            ],
        },
    },
    {
        "id": "diensten",
        "type": "services",
        "data": {
            "headline": "Wat we doen",
            "items": [
                {
                    "name": "Lekkage opsporen en herstellen",
                    "description": "Met rookmeting of camera, en meteen dicht.",
                    "price_from": "149.00",
                    "unit": "per lek",
                },
                {
                    "name": "Bitumen dak vernieuwen",
                    "description": "Tweelaags, met isolatie naar keuze.",
                    "price_from": "62.50",
                    "unit": "per m²",
                },
                {"name": "Dakgoten en loodwerk", "description": "Reinigen, herstellen of vervangen."},
            ],
        },
    },
    {
        "id": "klanten",
        "type": "testimonials",
        "data": {
            "headline": "Wat klanten zeggen",
            "items": [
                {
                    "quote": "Maandag gebeld, dinsdag was het dicht. Netjes opgeruimd ook.",
                    "author": "Marieke de Wit",
                    "source": "Klantenvertellen",
                    "city": "Tilburg",
                    "rating": 5,
                },
                {
                    "quote": "Eerlijk advies: het dak hoefde helemaal niet vervangen te worden.",
                    "author": "Hasan Yilmaz",
                    "source": "Google",
                    "city": "Goirle",
                    "rating": 5,
                },
            ],
        },
    },
    {
        "id": "vragen",
        "type": "faq",
        "data": {
            "headline": "Veelgestelde vragen",
            "items": [
                {
                    "question": "Wat kost een dakinspectie?",
                    "answer": "Niets, als we daarna het herstel mogen doen. Anders € 75.",
                },
                {
                    "question": "Vergoedt de verzekering een lekkage?",
                    "answer": "Vaak de gevolgschade wel, het herstel niet. We maken foto's voor de polis.",
                },
            ],
        },
    },
    {
        "id": "gebied",
        "type": "area_served",
        "data": {
            "headline": "Waar we komen",
            "places": ["Tilburg", "Goirle", "Berkel-Enschot", "Oisterwijk", "Dongen", "Gilze"],
            "radius_km": 25,
        },
    },
    {
        "id": "offerte",
        "type": "lead_form",
        "data": {
            "headline": "Vraag een gratis offerte aan",
            "text": "Vandaag voor vijf uur gestuurd, vandaag nog een antwoord.",
            "fields": ["name", "email", "phone", "postcode", "message"],
            "button": "Stuur mijn aanvraag",
            "consent_version": CURRENT_CONSENT,
            "ads_consent_version": CURRENT_ADS_CONSENTS["nl"],
            "success_text": "We bellen je binnen één werkdag.",
        },
    },
    {
        "id": "colofon",
        "type": "legal",
        "data": {
            "company": "Dakwerken Van Dijk B.V.",
            "kvk_number": "17284950",
            "vat_number": "NL812345678B01",
            "address": "Ringbaan-Oost 102, 5013 CD Tilburg",
            "phone": "+31135550100",
            "whatsapp": "+31612345678",
            "privacy_url": "https://www.voorbeeld.nl/privacy",
        },
    },
]
