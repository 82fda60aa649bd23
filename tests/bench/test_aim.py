"""Every figure that aims at something says whether it got there."""

import pytest

from bench.aim import judge, judged


@pytest.mark.parametrize(
    ("aim", "value", "said"),
    [
        ("≤ 1.2", 1.2, "✓ ≤ 1.2"),
        ("≤ 1.2", 1.22, "✗ ≤ 1.2"),
        ("≥ 0.4", 0.4, "✓ ≥ 0.4"),
        ("≥ 6", 5.99, "✗ ≥ 6"),
        ("< 1,000", 999, "✓ < 1,000"),
        ("< 1,000", 1000, "✗ < 1,000"),
        ("p95 ≤ 2000", 2001, "✗ p95 ≤ 2000"),
        ("", 5, ""),
    ],
)
def test_aim_is_judged(aim: str, value: float, said: str) -> None:
    assert judge(aim, value) == said
    assert judged("5", aim, value) == f"5 {said}".strip()


def test_aim_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="says neither"):
        judge("fast", 1)
