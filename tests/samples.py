"""The samples of tests/webhook_samples, signed anew as their platforms sign."""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DIRECTORY = Path(__file__).with_name("webhook_samples")
MANIFEST: dict[str, Any] = json.loads((DIRECTORY / "manifest.json").read_text())

SOURCES = {
    "google": "google_ads",
    "meta": "meta_ads",
    "linkedin": "linkedin_ads",
    "tiktok": "tiktok_ads",
    "standard_webhooks": "standard",
}

# What the manifest calls an event, and what the inbox does.
KINDS = {
    "lead.created": "lead",
    "lead.test": "lead",
    "lead.deleted": "withdrawal",
    "metrics.snapshot": "metrics",
    "status.stale": "announcement",
    "object.issue": "announcement",
    "object.processed": "announcement",
    "metric.threshold": "announcement",
}


@dataclass(frozen=True)
class Sample:
    """A delivery, and what a right receiver does with it."""

    file: str
    source: str
    body: bytes
    headers: dict[str, str]
    auth: dict[str, Any]
    expect: dict[str, Any]

    @property
    def is_accepted(self) -> bool:
        return bool(self.expect.get("accept"))

    @property
    def event_keys(self) -> list[str]:
        """The keys that the manifest names, else those that have none in it."""
        if self.source == "standard":
            return [f"sw:{self.headers['webhook-id']}"]
        return [
            event["idempotency_key"] for event in self.expect.get("events", ()) if "idempotency_key" in event
        ]

    def signed(self, body: bytes | None = None) -> dict[str, str]:
        """Return the headers that prove a body now, where the manifest says that it is proven."""
        if self.source == "standard" and self.is_accepted:
            return standard_headers(
                self.auth["secret"], self.body if body is None else body, self.headers["webhook-id"]
            )
        return self.headers


def load_samples() -> Iterable[Sample]:
    """Return every sample that is delivered; the spec's own vector has a secret of its own."""
    for entry in MANIFEST["samples"]:
        if "http" in entry and not entry["file"].endswith("spec_library_vector.json"):
            yield Sample(
                file=entry["file"],
                source=SOURCES[entry["platform"]],
                body=(DIRECTORY / entry["file"]).read_bytes(),
                headers=entry["http"]["headers"],
                auth=entry["auth"],
                expect=entry["expect"],
            )


ACCEPTED = [sample for sample in load_samples() if sample.is_accepted]


def standard_headers(secret: str, body: bytes, message_id: str) -> dict[str, str]:
    """Sign as Standard Webhooks has it; among others, as while a secret is being replaced."""
    now = int(time.time())
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{message_id}.{now}.".encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,AAAA v1a,AAAA v1,{base64.b64encode(mac).decode()}",
    }


def sign_hex(secret: str, *parts: bytes) -> str:
    """Return an HMAC in hex."""
    return hmac.new(secret.encode(), b"".join(parts), hashlib.sha256).hexdigest()


def meta_headers(secret: str, body: bytes) -> dict[str, str]:
    return {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={sign_hex(secret, body)}"}


def linkedin_headers(secret: str, body: bytes) -> dict[str, str]:
    return {"Content-Type": "application/json", "X-LI-Signature": sign_hex(secret, b"hmacsha256=", body)}


def tiktok_headers(secret: str, body: bytes) -> dict[str, str]:
    escaped = re.sub(r"[^\x00-\x7f]", lambda match: json.dumps(match[0])[1:-1], body.decode()).encode()
    return {"Content-Type": "application/json", "X-Open-Signature": sign_hex(secret, escaped)}
