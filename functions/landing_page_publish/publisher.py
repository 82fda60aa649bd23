"""Takes a step for its caller, and renders what is submitted."""

from uuid import UUID

import structlog
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from functions.landing_page_publish.actions import (
    Preview,
    RenderedStep,
    read_page_id,
    read_step,
)
from functions.landing_page_publish.gates import check_size, check_snapshot, refuse
from functions.landing_page_publish.render import render, template_version
from functions.landing_page_publish.settings import PublishSettings
from functions.landing_page_publish.snapshot import HashedSnapshot
from shared.http.authorization import read_authorization
from shared.http.edge import json_response
from shared.landing_page.csp import landing_page_policy
from shared.landing_page.document import Signer, compress
from shared.postgrest.client import Identity, PostgREST

log = structlog.get_logger()

_PREVIEW = TypeAdapter(dict[str, object])


class Publisher:
    """Takes a caller's step in the workflow of a page."""

    def __init__(self, postgrest: PostgREST, renderer: Identity, settings: PublishSettings) -> None:
        """Render for the settings' site, sign with their key, and store that as `renderer`."""
        self._postgrest = postgrest
        self._renderer = renderer
        self._site_origin = settings.site_origin
        self._allowed_images = settings.allowed_images
        self._signer = Signer.of(settings.page_signing_key.get_secret_value())
        self._turnstile = settings.turnstile_site_key
        turnstile = [self._turnstile] if self._turnstile else []
        self._template_version = template_version(
            settings.site_origin, self._signer.public_key, *settings.allowed_images, *turnstile
        )

    async def act(self, request: Request) -> Response:
        """Take the step that the path names and answer where the page then stands."""
        step = await read_step(request)
        page_id = read_page_id(request)
        caller = self._postgrest.as_caller(read_authorization(request))
        if isinstance(step, RenderedStep):
            answer = await self._render(step, caller, page_id)
        elif isinstance(step, Preview):
            preview = _PREVIEW.validate_python(await step.take(caller, page_id))
            answer = {"url": f"{self._site_origin}{preview.pop('path')}", **preview}
        else:
            answer = await step.take(caller, page_id)
        log.info("landing_page_step", action=request.path_params["action"], page_id=str(page_id))
        return json_response(answer)

    async def _render(self, step: RenderedStep, caller: Identity, page_id: UUID) -> object:
        """Render what the step's snapshot says and take the step with exactly that.

        A crash between any two calls leaves nothing that a second attempt would not finish: the snapshot is
        only read, a stored document is its hash's for ever, and a hash submitted twice changes nothing.
        """
        answer = await caller.call(step.snapshot, page_id=page_id, template_version=self._template_version)
        hashed = HashedSnapshot.model_validate(answer)
        content, failures = check_snapshot(hashed.snapshot, self._allowed_images, hashed.resembles)
        if content is None:
            refuse(failures)
        page = render(hashed.snapshot, hashed.content_hash, content, self._site_origin, self._turnstile)
        html_gzip = compress(page.html)
        failures += check_size(html_gzip)
        if failures:
            refuse(failures)
        csp = landing_page_policy(
            page.style, page.script, self._allowed_images, has_turnstile=self._turnstile is not None
        )
        document = self._signer.sign(hashed.content_hash, html_gzip, csp)
        await self._renderer.call(
            "store_landing_page_document",
            page_id=page_id,
            template_version=self._template_version,
            **document.model_dump(),
        )
        return await caller.call(step.function, page_id=page_id, content_hash=hashed.content_hash)
