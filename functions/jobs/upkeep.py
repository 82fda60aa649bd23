"""What has to be done once an hour: nothing grows without end, and nobody is kept longer than agreed."""

from shared.postgrest.client import Identity


async def keep_up(identity: Identity) -> dict[str, object]:
    """Make room for the days to come, close old ones, and forget people whose time is over.

    Raises:
        Refusal: `already_running`.
        DatabaseUnavailable: It is done with the next call.
    """
    return {
        "page_events": await identity.call("maintain_page_events"),
        "people": await identity.call("maintain_people"),
        "sync": await identity.call("maintain_sync"),
    }
