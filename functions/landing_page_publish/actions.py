"""POST /landing-pages/{id}/{action}: the steps of the workflow, each taken by the caller.

Who may take which step, and when, is the database's to say; it says the same to whoever calls it directly.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.requests import Request

from shared.http.body import read_model
from shared.http.errors import PageNotFound, UnknownAction
from shared.landing_page.plain_text import Paragraph
from shared.postgrest.client import Identity

MAX_BODY_BYTES = 32 * 1024
"""A reason of 2,000 characters that JSON may write in twelve bytes each, and room to spare."""


def _whole(number: object) -> object:
    # JSON has one kind of number, and 1.0 is the same one as 1.
    return int(number) if isinstance(number, float) and number.is_integer() else number


Version = Annotated[int, BeforeValidator(_whole), Field(ge=1, lt=2**31, strict=True)]


class Step(BaseModel):
    """The body of an action. Its members are named as the database function's arguments."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    function: ClassVar[str]

    async def take(self, caller: Identity, page_id: UUID) -> object:
        """Call the database function as the caller and return what it returns."""
        return await caller.call(self.function, page_id=page_id, **self.model_dump())


class RenderedStep(Step):
    """A step that is taken with the hash of something that is rendered first."""

    snapshot: ClassVar[str]
    """The database function that says what to render."""


class Submit(RenderedStep):
    """Ask for approval of what the page says now."""

    snapshot = "landing_page_snapshot"
    function = "submit_landing_page"


class Rerender(RenderedStep):
    """Bring what is live up to date with the templates; it says what it said when it was approved."""

    snapshot = "live_landing_page_snapshot"
    function = "rerender_landing_page"


class Approve(Step):
    """Put the submitted version live, which has this hash: what was looked at, and nothing else."""

    function = "approve_landing_page"
    content_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Reject(Step):
    """Send a page back. A partner who withdraws their own needs no reason."""

    function = "reject_landing_page"
    reason: Annotated[str, Paragraph(2000)] | None = None


class Archive(Step):
    """Take a page down."""

    function = "archive_landing_page"
    reason: Annotated[str, Paragraph(2000)] | None = None


class Restore(Step):
    """Bring an archived page back as a concept."""

    function = "restore_landing_page"


class RollBack(Step):
    """Put an earlier version live again."""

    function = "roll_back_landing_page"
    version: Version


class Preview(Step):
    """Make a link to a version: what waits for approval, unless another one is named."""

    function = "create_landing_page_preview"
    version: Version | None = None


class RevokePreviews(Step):
    """Make every link to the page's versions worth nothing."""

    function = "revoke_landing_page_previews"


ACTIONS: Mapping[str, type[Step]] = MappingProxyType(
    {
        "submit": Submit,
        "approve": Approve,
        "reject": Reject,
        "archive": Archive,
        "restore": Restore,
        "rollback": RollBack,
        "rerender": Rerender,
        "preview": Preview,
        "revoke-previews": RevokePreviews,
    }
)


async def read_step(request: Request) -> Step:
    """Read which action is asked for, and its body.

    Raises:
        UnknownAction: There is no such action; the detail lists those there are.
        InvalidBody: The action's body has missing or wrong members.
    """
    step = ACTIONS.get(request.path_params["action"])
    if step is None:
        raise UnknownAction(f"The actions are {', '.join(ACTIONS)}.")
    return await read_model(request, step, MAX_BODY_BYTES)


def read_page_id(request: Request) -> UUID:
    """Read the page's id.

    Raises:
        PageNotFound: It is no UUID, so no page has it.
    """
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise PageNotFound("There is no such page, since its id is no UUID.") from None
