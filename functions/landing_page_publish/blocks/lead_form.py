"""The form that asks for a quote."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from functions.landing_page_publish.block import Block, Body, Label, Part, Short, in_schema
from shared.landing_page.consent import CURRENT_ADS_CONSENTS, CURRENT_CONSENT, CURRENT_CONSENTS
from shared.landing_page.plain_text import Paragraph

LeadField = Literal["name", "email", "phone", "postcode", "service", "message", "preferred_date"]


def _is_answerable(fields: list[LeadField]) -> list[LeadField]:
    if len(set(fields)) < len(fields):
        raise ValueError("must not repeat a field")
    if not {"email", "phone"} & set(fields):
        raise ValueError("must have email or phone, or nobody could answer")
    return fields


def _is_current(version: str) -> str:
    if version not in CURRENT_CONSENTS.values():
        raise ValueError(f"must be the wording that stands now, {' or '.join(CURRENT_CONSENTS.values())}")
    return version


def _is_current_for_ads(version: str) -> str:
    if version not in CURRENT_ADS_CONSENTS.values():
        current = " or ".join(CURRENT_ADS_CONSENTS.values())
        raise ValueError(f"must be the wording that stands now, {current}")
    return version


_ANSWERABLE = {
    "uniqueItems": True,
    "anyOf": [{"contains": {"const": "email"}}, {"contains": {"const": "phone"}}],
}


class Recipient(Part):
    """Another firm of the marketplace, which may get the request if the page's own lets it lie."""

    partner_slug: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=2, max_length=63)]
    company: Short


class LeadForm(Block):
    """The form that asks for a quote."""

    kind = "lead_form"
    is_required = True

    headline: Short | None = None
    text: Body | None = None
    fields: Annotated[list[LeadField], AfterValidator(_is_answerable), in_schema(**_ANSWERABLE)]
    button: Label | None = None
    consent_version: Annotated[
        Label, AfterValidator(_is_current), in_schema(enum=[*CURRENT_CONSENTS.values()])
    ]
    # A second box, which nobody has to tick: that an ad platform may hear of a lead that was won.
    ads_consent_version: (
        Annotated[
            Label, AfterValidator(_is_current_for_ads), in_schema(enum=[*CURRENT_ADS_CONSENTS.values()])
        ]
        | None
    ) = None
    also_to: Annotated[list[Recipient], Field(min_length=1, max_length=5)] | None = None
    success_text: Annotated[str, Paragraph(300)]

    sample = {
        "fields": ["name", "email", "phone", "postcode", "message"],
        "consent_version": CURRENT_CONSENT,
        "success_text": "We bellen je binnen één werkdag.",
    }
    english = {
        "Bedankt!": "Thank you!",
        "Liever meteen iemand spreken? Bel": "Rather speak to somebody now? Call",
        "Vraag een offerte aan": "Ask for a quote",
        "Laat dit leeg": "Leave this empty",
        "Naam": "Name",
        "Telefoon": "Telephone",
        "E-mail": "E-mail",
        "Eén van beide is genoeg.": "Either of the two will do.",
        "Postcode": "Postcode",
        "optioneel": "optional",
        "Waar gaat het om?": "What is it about?",
        "Maak een keuze": "Make a choice",
        "Gewenste datum": "Preferred date",
        "Je vraag": "Your question",
        "Laat dit bedrijf niets horen, dan mag mijn aanvraag naar": (
            "If I hear nothing from this company, my request may go to"
        ),
        "Privacyverklaring": "Privacy statement",
        "Verstuur mijn aanvraag": "Send my request",
        "Niet verstuurd. Probeer opnieuw": "Not sent. Try again",
    }
    template = """\
{# Works without any script: the server then makes the id, and :target shows the thanks. #}
{% set asks = data.fields %}
<div class="card" id="offerte">
{# `until-found`: whoever reads without styles does not read the thanks before it is what the address names. #}
<div class="ok" id="bedankt" role="status" hidden="until-found"><h2>{{ _('Bedankt!') }}</h2><p>{{ data.success_text }}</p>
{% if by_type.legal.phone %}
<p>{{ _('Liever meteen iemand spreken? Bel') }} <a {{ ('tel:' ~ by_type.legal.phone) | link }}>{{ by_type.legal.phone | national }}</a>.</p>
{% endif %}
</div>
<h2>{{ data.headline or _('Vraag een offerte aan') }}</h2>
{% if data.text %}
<p>{{ data.text }}</p>
{% endif %}
<form action="/leads" method="post">
<input type="hidden" name="id">
<input type="hidden" name="query">
<input type="hidden" name="page_id" value="{{ page.page_id }}">
<input type="hidden" name="content_hash" value="{{ content_hash }}">
<input type="hidden" name="path" value="{{ page.path }}">
{# Nobody sees it. Whoever fills it in is a program. #}
<label class="skip" aria-hidden="true">{{ _('Laat dit leeg') }}<input name="website" tabindex="-1" autocomplete="off"></label>
{% if 'service' in asks and by_type.services %}
<label class="wide">{{ _('Waar gaat het om?') }} ({{ _('optioneel') }})<select name="service"><option value="">{{ _('Maak een keuze') }}</option>
{% for item in by_type.services.items %}
<option>{{ item.name }}</option>
{% endfor %}
</select></label>
{% elif 'service' in asks %}
<label class="wide">{{ _('Waar gaat het om?') }} ({{ _('optioneel') }})<input name="service" maxlength="80"></label>
{% endif %}
{% if 'name' in asks %}
<label class="wide">{{ _('Naam') }}<input name="name" autocomplete="name" maxlength="120" required></label>
{% endif %}
{% if 'phone' in asks %}
<label>{{ _('Telefoon') }}<input name="phone" type="tel" inputmode="tel" autocomplete="tel" maxlength="40"{{ ' required' if 'email' not in asks }}></label>
{% endif %}
{% if 'email' in asks %}
<label>{{ _('E-mail') }}<input name="email" type="email" inputmode="email" autocomplete="email" maxlength="254"{{ ' required' if 'phone' not in asks }}></label>
{% endif %}
{% if 'phone' in asks and 'email' in asks %}
<p class="wide muted">{{ _('Eén van beide is genoeg.') }}</p>
{% endif %}
{% if 'postcode' in asks %}
<label>{{ _('Postcode') }} ({{ _('optioneel') }})<input name="postcode" autocomplete="postal-code" autocapitalize="characters" maxlength="16"></label>
{% endif %}
{% if 'preferred_date' in asks %}
<label>{{ _('Gewenste datum') }} ({{ _('optioneel') }})<input name="preferred_date" type="date"></label>
{% endif %}
{% if 'message' in asks %}
<label class="wide">{{ _('Je vraag') }} ({{ _('optioneel') }})<textarea name="message" rows="3" maxlength="3000"></textarea></label>
{% endif %}
<label class="wide check"><input type="checkbox" name="consent" value="{{ data.consent_version }}" required><span>{{ consent_texts[data.consent_version] }}{% if data.also_to %} {{ _('Laat dit bedrijf niets horen, dan mag mijn aanvraag naar') }} {{ data.also_to | map(attribute='company') | join(', ') }}.{% endif %} <a href="{{ by_type.legal.privacy_url }}">{{ _('Privacyverklaring') }}</a></span></label>
{% if data.ads_consent_version %}
<label class="wide check"><input type="checkbox" name="ads_consent" value="{{ data.ads_consent_version }}"><span>{{ ads_consent_texts[data.ads_consent_version] }}</span></label>
{% endif %}
{# Its script adds a field of that name. Ours keeps the token when the form comes back with something to mend. #}
{% if turnstile_site_key %}
<input type="hidden" name="turnstile">
<div class="wide cf-turnstile" data-sitekey="{{ turnstile_site_key }}" data-response-field-name="turnstile" data-size="flexible" data-language="auto"></div>
{% endif %}
<button type="submit" value="{{ _('Niet verstuurd. Probeer opnieuw') }}">{{ data.button or _('Verstuur mijn aanvraag') }}</button>
<p class="wide muted">{{ by_type.legal.company }} · KvK {{ by_type.legal.kvk_number }}</p>
</form>
</div>
"""
