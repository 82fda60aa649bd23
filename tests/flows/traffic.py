"""Senders that behave as browsers and ad platforms do: again, under the same id, until it is acknowledged."""

import datetime as dt
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from stack.project import Project
from stack.running.process import wait_until
from tests.flows.visits import event_id as new_event_id
from tests.flows.visits import lead, view
from tests.flows.webhooks import encode, google_lead, metrics, signed

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.{}.0 Safari/537.36"
NOON = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
KINDS = ("view", "view", "view", "lead", "google", "metrics")

_PAUSE_SECONDS = 0.05


@dataclass
class Traffic:
    """Several senders at once, on one page and one campaign."""

    project: Project
    page_id: str
    campaign_id: str
    # As impatient as a client may be; what it gave up on may still be done later.
    patience_seconds: float = 5
    acknowledged: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    failures: Counter[str] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)
    _is_over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def flowing(self) -> Iterator["Traffic"]:
        """Send until the block is left, and then until the last sender has been heard."""
        senders = [threading.Thread(target=self._send_all, args=[kind], name=kind) for kind in KINDS]
        for sender in senders:
            sender.start()
        try:
            yield self
        finally:
            self._is_over.set()
            for sender in senders:
                sender.join(timeout=60)
        assert not any(sender.is_alive() for sender in senders), "a sender was never acknowledged"
        assert self.refusals == []

    def wait_for_more(self, number: int) -> None:
        """Wait until so many more of every kind have been acknowledged."""
        wanted = {kind: len(done) + number for kind, done in self.acknowledged.items()}
        flows = wait_until(lambda: all(len(self.acknowledged[kind]) >= wanted[kind] for kind in wanted), 40)
        assert flows, (wanted, {kind: len(done) for kind, done in self.acknowledged.items()}, self.failures)

    def wait_for_failures(self, number: int) -> None:
        """Wait until so many more attempts were not acknowledged."""
        wanted = self.failures.total() + number
        assert wait_until(lambda: self.failures.total() >= wanted, 20)

    def repeat_everything(self) -> Counter[str]:
        """Send all that was acknowledged once more, and return what was said of it."""
        said: Counter[str] = Counter()
        views = [self._view(event_id) for event_id in self.acknowledged["view"]]
        with httpx.Client(base_url=self.project.functions_url, timeout=30) as http:
            agent = {"User-Agent": BROWSER.format(0)}
            for start in range(0, len(views), 100):
                batch = http.post("/events", json=views[start : start + 100], headers=agent).json()
                said.update(batch["outcomes"])
            for event_id in self.acknowledged["lead"]:
                answer = http.post("/leads", json=self._lead(event_id), headers=agent)
                said[{201: "counted", 200: "duplicate"}[answer.status_code]] += 1
            for event_id in self.acknowledged["google"]:
                http.post("/webhooks/google_ads", json=self._google(event_id)).raise_for_status()
        return said

    def _send_all(self, kind: str) -> None:
        send: Callable[[httpx.Client, int], tuple[str, Callable[[], httpx.Response]]] = getattr(
            self, f"_{kind}_sender"
        )
        with httpx.Client(base_url=self.project.functions_url) as http:
            number = 0
            while not self._is_over.is_set():
                number += 1
                event_id, attempt = send(http, number)
                if self._send_until_acknowledged(kind, http, attempt):
                    self.acknowledged[kind].append(event_id)

    def _send_until_acknowledged(
        self, kind: str, http: httpx.Client, attempt: Callable[[], httpx.Response]
    ) -> bool:
        deadline = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=50)
        while dt.datetime.now(dt.UTC) < deadline:
            http.timeout = httpx.Timeout(self.patience_seconds)
            try:
                answer = attempt()
            except httpx.TransportError as error:
                self.failures[f"{kind} {type(error).__name__}"] += 1
            else:
                if answer.is_success:
                    return True
                self.failures[f"{kind} {answer.status_code}"] += 1
                if answer.status_code != 503:
                    self.refusals.append(f"{kind}: {answer.status_code} {answer.text}")
            threading.Event().wait(_PAUSE_SECONDS)
        self.refusals.append(f"{kind}: not acknowledged in time")
        return False

    # What is sent: its id, and a way to send it as often as it takes. ---------------------------------------

    def _view_sender(self, http: httpx.Client, number: int) -> tuple[str, Callable[[], httpx.Response]]:
        event_id = new_event_id()
        # A browser of its own, so that every event is a view.
        headers = {
            "User-Agent": BROWSER.format(f"{number}.{threading.get_ident()}"),
            "Content-Type": "text/plain",
        }
        return event_id, lambda: http.post("/events", content=encode(self._view(event_id)), headers=headers)

    def _lead_sender(self, http: httpx.Client, _number: int) -> tuple[str, Callable[[], httpx.Response]]:
        event_id = new_event_id()
        headers = {"User-Agent": BROWSER.format(0)}
        return event_id, lambda: http.post("/leads", json=self._lead(event_id), headers=headers)

    def _google_sender(self, http: httpx.Client, _number: int) -> tuple[str, Callable[[], httpx.Response]]:
        event_id = f"{self.campaign_id}-{secrets.token_hex(6)}"
        return event_id, lambda: http.post("/webhooks/google_ads", json=self._google(event_id))

    def _metrics_sender(self, http: httpx.Client, number: int) -> tuple[str, Callable[[], httpx.Response]]:
        # Cumulative: the last one is what the day comes to.
        as_of = NOON + dt.timedelta(seconds=number)
        body = encode(metrics(self.campaign_id, as_of, f"{number / 100:.2f}", number))
        message_id = f"msg_{self.campaign_id}_{number}"
        return str(number), lambda: http.post(
            "/webhooks/standard", content=body, headers=signed(body, message_id=message_id)
        )

    def _view(self, event_id: str) -> dict[str, Any]:
        return view(self.page_id, id=event_id)

    def _lead(self, event_id: str) -> dict[str, Any]:
        return lead(self.page_id, id=event_id)

    def _google(self, event_id: str) -> dict[str, Any]:
        return google_lead(event_id, self.campaign_id)
