"""A push of Pub/Sub's: one message, which is one batch of events.

2xx says that it is counted; whatever else is answered has Pub/Sub bring it again, later each time, for as
long as the subscription keeps it. https://cloud.google.com/pubsub/docs/push
"""

import jwt
import structlog
from pydantic import Base64Bytes, BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from functions.landing_page_count.google_keys import ISSUERS, GoogleKeys
from functions.landing_page_count.settings import CountSettings
from shared.http.authorization import read_authorization
from shared.http.body import parse_json, read_body, validate
from shared.http.errors import InvalidBody, InvalidToken
from shared.page_events.batch import EventBatch
from shared.page_events.record import Record

MAX_BODY_BYTES = 1024 * 1024
"""A batch of 500 events, in base64, is a quarter of it."""

log = structlog.get_logger()


class _Message(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    data: Base64Bytes
    messageId: str  # noqa: N815  # Google's spelling.


class _Push(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    message: _Message


class PushIntake:
    """Takes pushes in and has their batches counted."""

    def __init__(self, record: Record, keys: GoogleKeys, settings: CountSettings) -> None:
        """Count with `record` what the subscription of `settings` brings."""
        self._record = record
        self._keys = keys
        self._account = settings.push_service_account
        self._audience = settings.push_audience

    async def receive(self, request: Request) -> Response:
        """Answer 204 once the batch is counted, also when it was before.

        Raises:
            MissingToken: There is no token.
            InvalidToken: It is not the subscription's.
            InvalidBody: It is no batch. The log keeps it, and a newer version of this function may know it.
            KeysUnavailable: Google does not say by which keys tokens are signed.
            Refusal: Somebody holds one of its pages.
            DatabaseUnavailable: The database gave no answer in time.
        """
        await self._check_sender(request)
        push = validate(_Push, parse_json(await read_body(request, MAX_BODY_BYTES)))
        try:
            batch = EventBatch.model_validate_json(push.message.data)
        except ValidationError as error:
            # Not with what is in it: that is of visitors.
            log.error("event_batch_unreadable", message_id=push.message.messageId, errors=error.error_count())  # noqa: TRY400
            raise InvalidBody.from_validation(error) from error
        if batch.batch_id is None or batch.received_at is None:
            raise InvalidBody("A batch of a log has an id, and says when it was received.")
        await self._record(batch)
        return Response(status_code=204)

    async def _check_sender(self, request: Request) -> None:
        token = read_authorization(request).partition(" ")[2]
        try:
            key = await self._keys.find(str(jwt.get_unverified_header(token).get("kid")))
            if key is None:
                raise InvalidToken("The token is not signed by a key of Google's.")
            claims = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._audience,
                issuer=ISSUERS,
                options={"require": ["exp", "iat"]},
                leeway=30,
            )
        except jwt.InvalidTokenError as error:
            raise InvalidToken("The token is not this subscription's.") from error
        if claims.get("email") != self._account or claims.get("email_verified") is not True:
            raise InvalidToken("The token is of another service account.")
