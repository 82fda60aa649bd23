"""Connections to the public internet and to nowhere else.

A partner says where their program is, so the address is a stranger's: it must not lead to our own machines,
or to a cloud's metadata. A name is looked up once for a connection, every answer is checked, and one of those
is connected to: a name that leads elsewhere a moment later gains nothing. TLS still asks for the name.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpcore

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Iterable[str]]]

# What may be global (RFC 4291). Mapped and translated IPv4 addresses are not in it, nor site-local ones.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# What clouds answer at, though it looks like any other: Azure's services
# (https://learn.microsoft.com/en-us/azure/virtual-network/what-is-ip-address-168-63-129-16), and Oracle's
# metadata, in a range that not every Python calls private.
_OF_CLOUDS = (IPv4Network("168.63.129.16/32"), IPv4Network("192.0.0.0/24"))


_LOOK_UPS = ThreadPoolExecutor(20, thread_name_prefix="look_up")


class NotPublicError(httpcore.ConnectError):
    """The name leads to where a partner's program cannot be."""


def is_public(address: Address) -> bool:
    """Tell whether an address is somebody's on the public internet."""
    if isinstance(address, IPv6Address):
        # 2002::/16 and 2001::/32 carry an IPv4 address, which could be any.
        is_tunnel = address.sixtofour is not None or address.teredo is not None
        return address in _GLOBAL_UNICAST and address.is_global and not is_tunnel
    is_clouds = any(address in network for network in _OF_CLOUDS)
    return address.is_global and not address.is_multicast and not is_clouds


async def resolve(host: str, port: int) -> list[str]:
    """Look a name up as the system does, in threads of our own.

    A stranger's name server may answer late or never. The event loop's own few threads look up the mail
    provider and the database, which must not wait behind it.
    """
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_LOOK_UPS, look_up)
    return [str(address[0]) for *_, address in found]


class PublicNetwork(httpcore.AsyncNetworkBackend):
    """httpcore's network, which connects to public addresses alone."""

    def __init__(
        self,
        resolve: Resolve = resolve,
        is_allowed: Callable[[Address], bool] = is_public,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        """Connect through `network` to what `resolve` finds and `is_allowed` lets through."""
        self._resolve = resolve
        self._is_allowed = is_allowed
        self._network = network or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature.
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers.

        Raises:
            NotPublicError: One of them is not public.
            httpcore.ConnectError: There is no such name, or nobody answers.
        """
        try:
            async with asyncio.timeout(timeout):
                addresses = [ip_address(text) for text in await self._resolve(host, port)]
        except (OSError, ValueError) as error:
            raise httpcore.ConnectError("The name cannot be looked up.") from error
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("The name is not looked up in time.") from error
        if not all(self._is_allowed(address) for address in addresses):
            raise NotPublicError("The name leads to an address that is not public.")
        failure: Exception = httpcore.ConnectError("The name has no address.")
        for address in addresses:
            try:
                return await self._network.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002 - httpcore's own signature.
        timeout: float | None = None,  # noqa: ASYNC109, ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: nobody's program is a file of ours."""
        raise NotPublicError("A Unix socket is not public.")

    async def sleep(self, seconds: float) -> None:
        """Wait, as httpcore does between retries."""
        await self._network.sleep(seconds)
