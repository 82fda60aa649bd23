"""Telling the person at the terminal what is being done, and how long it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Progress:
    """Says nothing: what tests and other programs want."""

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Surround one step of the work."""
        del title
        yield

    def note(self, text: str) -> None:
        """Tell something that took no time."""


class TerminalProgress(Progress):
    """Writes to standard error, since standard output is for results that other programs read."""

    def __init__(self) -> None:
        """Find out what the terminal can do."""
        self._console = Console(stderr=True, highlight=False)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show a spinner while a step runs, then a line with its time."""
        began = time.monotonic()
        with self._console.status(title):
            yield
        self._console.print(f"[green]✓[/] {title} [dim]{time.monotonic() - began:.1f} s[/]")

    def note(self, text: str) -> None:
        """Print a line."""
        self._console.print(text)
