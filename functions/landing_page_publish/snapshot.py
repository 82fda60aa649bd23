"""Everything that a page's bytes depend on, as the database snapshots and hashes it."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Branding(BaseModel):
    """How the firm looks."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    brand_color: Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")] | None = None
    logo_url: Annotated[str, Field(pattern=r"^https?://[^\s\"<>]+$")] | None = None


class Snapshot(BaseModel):
    """A page as it stood when it was submitted."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    page_id: UUID
    path: str | None
    title: str
    subtitle: str | None
    seo_title: str | None
    seo_description: str | None
    content: object
    branding: Branding
    template_version: str


class Likeness(BaseModel):
    """Another page that says the same, and how much of it, 0 to 1."""

    path: str
    likeness: float


class HashedSnapshot(BaseModel):
    """What `landing_page_snapshot` answers."""

    content_hash: str
    snapshot: Snapshot
    resembles: Likeness | None = None
