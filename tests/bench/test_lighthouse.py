"""What is read of a report that Lighthouse writes."""

import pytest

from bench.lighthouse import Report


def test_report_says_marks_seconds_shift_and_kilobytes() -> None:
    marks = {"performance": 0.985, "accessibility": 1, "best-practices": 0.96, "seo": 0.5}
    values = {
        "largest-contentful-paint": 1264.5,
        "cumulative-layout-shift": 0.0125,
        "total-byte-weight": 66_560,
    }

    report = Report.read(
        {
            "categories": {name: {"score": score} for name, score in marks.items()},
            "audits": {name: {"numericValue": value} for name, value in values.items()},
        }
    )

    assert report.marks == {"performance": 98, "accessibility": 100, "best-practices": 96, "seo": 50}
    assert report.largest_paint_seconds == pytest.approx(1.2645)
    assert (report.layout_shift, report.kilobytes) == (0.0125, 65)
