"""The person behind a lead, and the page that they came by, as the database's functions answer them."""

from pydantic import BaseModel, ConfigDict, Field


class Person(BaseModel):
    """Who asked, as they wrote it: nothing of it can be trusted."""

    model_config = ConfigDict(frozen=True)

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    postcode: str | None = None
    message: str | None = None
    answers: dict[str, object] = Field(default_factory=dict)


class Page(BaseModel):
    """The landing page that the form stood on."""

    model_config = ConfigDict(frozen=True)

    title: str
    path: str | None = None
