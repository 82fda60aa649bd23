"""The page that a person reads: in Dutch, without script, on a phone too."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from functions.landing_page_report.charts import draw_bars, draw_lines
from functions.landing_page_report.figures import Figures
from shared.lead.sources import SOURCES

REASONS = {
    "duplicate": "Al geteld: herladen of dubbel verstuurd",
    "bot": "Robots",
    "prefetch": "Vooruit geladen, niet bekeken",
    "opted_out": "Wil niet geteld worden",
    "webdriver": "Geautomatiseerde browser, vastgehouden",
    "no_languages": "Browser zonder taal, vastgehouden",
    "no_screen": "Browser zonder scherm, vastgehouden",
    "address": "Te veel van één adres, vastgehouden",
    "network": "Te veel van één netwerk, vastgehouden",
    "throttled": "Veel te veel van één adres",
    "foreign": "Van een andere site",
    "late": "Te laat binnengekomen",
    "page_not_live": "De pagina was niet online",
    "unknown_page": "Er is geen pagina met dat nummer",
    "conflict": "Hoort bij een andere pagina",
    "bad": "Onleesbaar",
}


def render(figures: Figures) -> tuple[str, str]:
    """Return the HTML and the style that is inline in it."""
    environment = _environment()
    style = environment.get_template("report.css.j2").render().replace("\n", "")
    counts = [counts for _, counts in figures.by_day()]
    html = environment.get_template("report.html.j2").render(
        style=Markup(style),  # noqa: S704 - of our own.
        figures=figures,
        visits=draw_lines([of.views for of in counts], [of.visitors for of in counts]),
        conversions=draw_bars([of.conversions for of in counts]),
        sources=SOURCES,
        reasons=REASONS,
    )
    return html, style


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda value: f"{value:,}".replace(",", ".")
    environment.filters["rate"] = _rate
    return environment


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %".replace(".", ",")
