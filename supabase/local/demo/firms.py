"""Three firms of different trades and colours, each with a page that is worth looking at, pictures and all.

Their pages are in `firms/`, as a partner's own program would send them but for the addresses of their
pictures, which were drawn for this project and are in `pictures/`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Firm:
    """A partner of the seed, the columns of its page, and the names of its pictures, its logo first."""

    email: str
    page: Mapping[str, Any]
    pictures: tuple[Path, ...]

    def page_with(self, addresses: Mapping[str, str]) -> dict[str, Any]:
        """Return the columns of its page with the pictures at their addresses."""
        page: dict[str, Any] = _place(self.page, addresses)
        return page


def _place(value: Any, addresses: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON.
    if isinstance(value, dict):
        return {
            key: addresses[item] if key == "src" else _place(item, addresses) for key, item in value.items()
        }
    return [_place(item, addresses) for item in value] if isinstance(value, list) else value


def _sources(value: object) -> list[str]:
    if isinstance(value, dict):
        return [name for key, item in value.items() for name in ([item] if key == "src" else _sources(item))]
    return [name for item in value for name in _sources(item)] if isinstance(value, list) else []


def _read(file: Path) -> Firm:
    written = json.loads(file.read_text())
    names = dict.fromkeys([written["logo"], *_sources(written["page"])])
    return Firm(written["email"], written["page"], tuple(_HERE / "pictures" / name for name in names))


FIRMS = tuple(map(_read, sorted((_HERE / "firms").glob("*.json"))))
