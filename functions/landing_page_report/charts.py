"""Figures of days as lines and bars, in a square of 100 by 100 that the page stretches to its width."""

from collections.abc import Sequence
from dataclasses import dataclass

SIZE = 100


@dataclass(frozen=True)
class Bar:
    """One day's bar."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Chart:
    """What is drawn, and what its axis goes up to."""

    top: int
    lines: Sequence[str]
    bars: Sequence[Bar]


def draw_lines(*series: Sequence[int]) -> Chart:
    """Draw a line for each series, as the `points` of an SVG polyline (SVG 2, 10.7)."""
    top = _round_up(max(map(max, series)))
    return Chart(top, [_points(values, top) for values in series], [])


def draw_bars(values: Sequence[int]) -> Chart:
    """Draw a bar for each value."""
    top = _round_up(max(values))
    step = SIZE / len(values)
    bars = [
        Bar(round(n * step + step / 8, 2), _y(value, top), round(step * 3 / 4, 2), SIZE - _y(value, top))
        for n, value in enumerate(values)
    ]
    return Chart(top, [], bars)


def _points(values: Sequence[int], top: int) -> str:
    # One day alone is a line all the same.
    ends = [*values, *values] if len(values) == 1 else values
    return " ".join(f"{SIZE * n / (len(ends) - 1):.2f},{_y(value, top)}" for n, value in enumerate(ends))


def _y(value: int, top: int) -> float:
    return round(SIZE - SIZE * value / top, 2)


def _round_up(most: int) -> int:
    """Return the next of 2, 5, 10, 20, 50, 100 and so on: what an axis may go up to."""
    size = 1
    while True:
        for first in (2, 5, 10):
            if most <= first * size:
                return first * size
        size *= 10
