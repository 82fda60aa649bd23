"""What has to be done once an hour: nothing grows without end, and nobody is kept longer than agreed."""

import structlog
from pydantic import AwareDatetime, BaseModel, TypeAdapter

from shared.postgrest.client import Identity

log = structlog.get_logger()


class _Alert(BaseModel):
    kind: str
    subject: str
    detail: str
    raised_at: AwareDatetime


_ALERTS = TypeAdapter(list[_Alert])


async def keep_up(identity: Identity) -> dict[str, object]:
    """Make room for the days to come, close old ones, forget people whose time is over, and log open alerts.

    Raises:
        Refusal: `already_running`.
        DatabaseUnavailable: It is done with the next call.
    """
    done = {
        "page_events": await identity.call("maintain_page_events"),
        "people": await identity.call("maintain_people"),
        "sync": await identity.call("maintain_sync"),
    }
    alerts = _ALERTS.validate_python(await identity.call("find_alerts"))
    for alert in alerts:
        log.warning("alert_open", **alert.model_dump(mode="json"))
    return {**done, "alerts": len(alerts)}
