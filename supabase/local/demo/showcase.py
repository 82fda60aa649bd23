"""Publishes the three firms' pages, each as its partner does: pictures, logo, page, and then an approval."""

from typing import cast

import httpx

from demo.actors import Json, Person
from demo.firms import FIRMS, Firm
from stack.project import Project


async def publish_firms(project: Project, http: httpx.AsyncClient, admin: Person) -> list[str]:
    """Have the firms' pages be live, and return their addresses. What is live already stays."""
    for firm in FIRMS:
        await _publish(await Person.sign_in(project, http, firm.email), firm, admin)
    return [f"{project.functions_url}{firm.page['path']}" for firm in FIRMS]


async def _publish(partner: Person, firm: Firm, admin: Person) -> None:
    pages = partner.table("partner_landing_pages")
    known = cast(
        "list[Json]", (await pages.select("id", "status").eq("path", firm.page["path"]).execute()).data
    )
    if known and known[0]["status"] == "live":
        return
    addresses = await partner.show_pictures(firm.pictures)
    await partner.write_profile(logo_url=addresses[firm.pictures[0].name])
    if not known:
        known = cast("list[Json]", (await pages.insert(firm.page_with(addresses)).execute()).data)
    submitted = await partner.step(known[0]["id"], "submit")
    await admin.step(known[0]["id"], "approve", content_hash=submitted["content_hash"])
