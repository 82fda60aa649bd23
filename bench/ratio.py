"""Timing two things in turn, so that what slows the machine slows both."""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Timing:
    """How long one thing took, in milliseconds."""

    median_ms: float
    p95_ms: float


@dataclass(frozen=True)
class Ratio:
    """One thing against the limit of what could be had."""

    what: str
    aim: str
    measured: Timing
    limit: Timing

    @property
    def value(self) -> float:
        """Median against median."""
        return self.measured.median_ms / self.limit.median_ms

    def as_dict(self) -> dict[str, object]:
        """Return everything, for a file."""
        return {**asdict(self), "ratio": round(self.value, 3)}


def compare(
    what: str, aim: str, measured: Callable[[], object], limit: Callable[[], object], rounds: int
) -> Ratio:
    """Call both in turn, after a tenth as many calls to warm up."""
    for _ in range(rounds // 10):
        measured()
        limit()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, seconds in zip((measured, limit), times, strict=True):
            began = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - began)
    return Ratio(what, aim, _timing(times[0]), _timing(times[1]))


def _timing(seconds: list[float]) -> Timing:
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return Timing(round(statistics.median(seconds) * 1000, 3), round(p95 * 1000, 3))
