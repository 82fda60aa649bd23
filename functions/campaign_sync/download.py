"""Fetching a file from an address that came in an answer."""

import asyncio
import ssl

import httpcore
import httpx

from functions.campaign_sync.trouble import Trouble
from shared.http.public_network import NotPublicError, PublicNetwork

SECONDS = 25
"""For all of one request. A run's last request ends well before its lease of two minutes."""

MAX_BYTES = 64 * 1024 * 1024
"""Of one answer. Google's fixed page of 10,000 rows is 6 MB."""


async def download(url: str) -> bytes:
    """Fetch a file, by HTTPS, from the public internet alone: no answer has us call a machine of our own.

    Raises:
        Trouble: It is not to be had.
    """
    if not url.startswith("https://"):
        raise Trouble("permanent", "download_refused")
    context = httpx.create_ssl_context(trust_env=False)
    pool = httpcore.AsyncConnectionPool(ssl_context=context, network_backend=PublicNetwork())
    try:
        async with asyncio.timeout(SECONDS), pool, pool.stream("GET", url) as response:
            if response.status != httpx.codes.OK:
                raise Trouble("transient", f"download {response.status}")
            content = bytearray()
            async for part in response.aiter_stream():
                content += part
                if len(content) > MAX_BYTES:
                    raise Trouble("permanent", "answer_too_large")
            return bytes(content)
    except NotPublicError:
        raise Trouble("permanent", "download_refused") from None
    except (TimeoutError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise Trouble("transient", type(error).__name__) from None
    except (httpcore.UnsupportedProtocol, ssl.SSLError, OSError, httpx.InvalidURL):
        raise Trouble("transient", "download") from None
