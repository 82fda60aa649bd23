"""Whether a figure reaches what it aims at."""

import operator
import re

_COMPARISONS = {"≤": operator.le, "≥": operator.ge, "<": operator.lt}
_AIM = re.compile(r"(?P<comparison>[≤≥<]) (?P<bound>[0-9.,]+)")


def judge(aim: str, value: float) -> str:
    """Return the aim, such as `≤ 1.2`, after ✓ if the value reaches it and ✗ if not; of none, nothing.

    Raises:
        ValueError: The aim is none that can be compared with.
    """
    if not aim:
        return ""
    parts = _AIM.search(aim)
    if parts is None:
        raise ValueError(f"{aim!r} says neither ≤, < nor ≥ a number.")
    bound = float(parts["bound"].replace(",", ""))
    return f"{'✓' if _COMPARISONS[parts['comparison']](value, bound) else '✗'} {aim}"


def judged(figure: str, aim: str, value: float) -> str:
    """Return a figure with its aim behind it, for a column that has an aim in some rows."""
    return f"{figure} {judge(aim, value)}".strip()
