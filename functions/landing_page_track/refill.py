"""The page that a form came from, once more: with what was filled in, and what is wrong with it.

Nothing but what a visitor typed is added to the document that landing_page_publish signed, and all of it is
escaped.
"""

from collections.abc import Mapping
from html import escape
from html.parser import HTMLParser
from itertools import accumulate


def refill(html: str, answers: Mapping[str, str], reasons: Mapping[str, str]) -> str:
    """Return a page with `answers` in its form, and `reasons` at the controls that they are about.

    A reason whose control the form does not have stands above the others. The first control that is wrong has
    the focus.
    """
    form = _Form(html, answers, reasons)
    form.feed(html)
    form.close()
    pieces, end = [], 0
    for offset, text in sorted(form.insertions, key=lambda insertion: insertion[0]):
        pieces += [html[end:offset], text]
        end = offset
    return "".join([*pieces, html[end:]])


class _Form(HTMLParser):
    """Finds out what has to be inserted where; a stable sort keeps what stands in one place in its order."""

    def __init__(self, html: str, answers: Mapping[str, str], reasons: Mapping[str, str]) -> None:
        super().__init__()
        self.insertions: list[tuple[int, str]] = []
        self._line_starts = [0, *accumulate(len(line) + 1 for line in html.split("\n"))]
        self._answers = answers
        self._reasons = dict(reasons)
        self._reasons_above = 0
        self._select = ""
        self._option_end: int | None = None
        self._reason_at_label = ""
        self._is_first = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        name = attributes.get("name") or ""
        start = self._offset()
        end = start + len(self.get_starttag_text() or "")
        if tag == "form":
            self._reasons_above = end
        elif tag == "option":
            self._option_end = end
        elif tag in {"input", "textarea", "select"}:
            self._select = name if tag == "select" else ""
            self._fill(tag, attributes, self._answers.get(name, ""), end)
            if attributes.get("type") != "hidden":
                self._mark(name, end)

    def handle_data(self, data: str) -> None:
        if self._option_end is not None and self._select and data == self._answers.get(self._select):
            self.insertions.append((self._option_end - 1, " selected"))
        self._option_end = None

    def handle_endtag(self, tag: str) -> None:
        if tag == "label" and self._reason_at_label:
            self.insertions.append((self._offset(), self._reason_at_label))
            self._reason_at_label = ""
        elif tag == "form":
            rest = "".join(f'<p class="wide err">{escape(reason)}</p>' for reason in self._reasons.values())
            self.insertions.append((self._reasons_above, rest))

    def _fill(self, tag: str, attributes: Mapping[str, str | None], answer: str, end: int) -> None:
        kind, name = attributes.get("type"), attributes.get("name")
        if tag == "textarea":
            # A parser drops the first newline of a textarea.
            self.insertions.append((end, f"\n{escape(answer)}"))
        elif kind == "checkbox":
            # Nobody agrees to other words than those that they ticked.
            is_ticked = answer == attributes.get("value")
            self.insertions.append((end - 1, " checked" if is_ticked else ""))
        elif tag == "input" and answer and (kind != "hidden" or name in {"id", "query"}):
            self.insertions.append((end - 1, f' value="{escape(answer)}"'))

    def _mark(self, name: str, end: int) -> None:
        reason = self._reasons.pop(name, None)
        if reason is None:
            return
        focus = " autofocus" if self._is_first else ""
        self._is_first = False
        self.insertions.append((end - 1, f' aria-invalid="true" aria-describedby="e-{name}"{focus}'))
        self._reason_at_label = f'<span class="err" id="e-{name}">{escape(reason)}</span>'

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._line_starts[line - 1] + column
