"""A firm's one colour, made into a palette whose texts can all be read.

Contrast is WCAG 2.2's (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio); level AA asks 4.5:1 of text.
"""

from dataclasses import dataclass

DEFAULT_BRAND = "#1d5c4d"
MIN_CONTRAST = 4.5
_DEEP_CONTRAST = 9.0
_BREATH = 0.06

Rgb = tuple[int, int, int]
WHITE: Rgb = (255, 255, 255)
BLACK: Rgb = (0, 0, 0)
_SLATE: Rgb = (32, 36, 42)  # What the page's own text is written in.


@dataclass(frozen=True)
class Palette:
    """CSS colours."""

    brand: str
    on_brand: str
    """Text on the brand colour. One of black and white always reaches 4.58:1, on any colour."""
    ink: str
    """The brand colour, darkened until it can be read on `tint` and on white."""
    tint: str
    """A breath of the brand colour, for backgrounds."""
    deep: str
    """The ground of the hero, on which white can be read with ease, with a pattern over it too.

    A dark brand colour made darker is still itself; a light one would be mud, and has slate with a breath
    of it.
    """
    is_light: bool
    """Whether white cannot be read on the brand colour, which stands out on `deep` then."""


def make_palette(brand: str) -> Palette:
    """Derive the palette of a colour written as #rrggbb."""
    colour = _parse(brand)
    is_light = contrast(colour, WHITE) < MIN_CONTRAST
    tint = _mix(colour, WHITE, _BREATH)
    ink = colour
    while contrast(ink, tint) < MIN_CONTRAST:
        ink = _mix(ink, BLACK, 0.92)
    deep = _mix(colour, _SLATE, _BREATH) if is_light else colour
    while contrast(deep, WHITE) < _DEEP_CONTRAST:
        deep = _mix(deep, BLACK, 0.92)
    on_brand = WHITE if contrast(colour, WHITE) >= contrast(colour, BLACK) else BLACK
    return Palette(_format(colour), _format(on_brand), _format(ink), _format(tint), _format(deep), is_light)


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  # sRGB's own constants.
        for c in (channel / 255 for channel in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (int(share * a + (1 - share) * b) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _parse(text: str) -> Rgb:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _format(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
