"""Where a partner's webhook may go: to the public internet, whatever its name says a moment later."""

import asyncio
import datetime as dt
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook

from functions.jobs.delivery import DELIVERED, Outcome, failed, refused
from functions.jobs.webhook import WebhookSender
from shared.http.public_network import Address, PublicNetwork, is_public, resolve
from tests.functions.deliveries import PERSON, SECRET, delivery, parsed

HOST = "hooks.voorbeeld.nl"


@pytest.mark.parametrize("address", ["8.8.8.8", "145.97.39.155", "2606:4700::1111", "2a00:1450::e"])
def test_what_is_somebodys_on_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - nobody listens there.
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.192",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_what_is_ours_or_a_clouds_or_nobodys_is_not(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@dataclass
class Program:
    """A partner's program on this machine, with a certificate for HOST."""

    port: int = 0
    answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        lines = [line.partition(": ") for line in head[1:] if line]
        headers = {name.lower(): value for name, _, value in lines}
        self.heard.append((headers, await reader.readexactly(int(headers["content-length"]))))
        writer.write(self.answer)
        await writer.drain()
        if self.answer:
            writer.close()


def _certificate(directory: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts of a server that is HOST, and of a client who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = directory / "program.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + certificate.public_bytes(pem))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))


@dataclass
class Name:
    """A name that leads elsewhere each time it is looked up."""

    answers: list[list[str]]
    looked_up: int = 0

    async def resolve(self, host: str, port: int) -> Iterable[str]:
        assert (host, port) == (HOST, 443)
        self.looked_up += 1
        return self.answers[min(self.looked_up, len(self.answers)) - 1]


class ThisMachine(httpcore.AnyIOBackend):
    """A network in which every address is the program's, and which remembers who was asked for."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: list[str] = []

    async def connect_tcp(self, host: str, port: int, *rest: object) -> httpcore.AsyncNetworkStream:
        assert port == 443
        self.asked.append(host)
        return await super().connect_tcp("127.0.0.1", self.port, *rest)  # type: ignore[arg-type]


@pytest.fixture
async def program(tmp_path: Path) -> AsyncIterator[tuple[Program, ssl.SSLContext]]:
    served, trusting = _certificate(tmp_path)
    program = Program()
    server = await asyncio.start_server(program.serve, "127.0.0.1", 0, ssl=served)
    program.port = server.sockets[0].getsockname()[1]
    yield program, trusting
    server.close()


async def _send(
    context: ssl.SSLContext,
    network: ThisMachine,
    name: Name,
    is_allowed: Callable[[Address], bool] = is_public,
) -> Outcome:
    public = PublicNetwork(name.resolve, is_allowed, network)
    async with WebhookSender("https://www.example.nl", public, context).open() as connections:
        return await connections.send(parsed(delivery("webhook")))


async def test_a_program_can_check_who_tells_it_and_reads_the_lead(
    program: tuple[Program, ssl.SSLContext],
) -> None:
    listening, trusting = program
    network = ThisMachine(listening.port)

    assert await _send(trusting, network, Name([["203.0.114.7"]])) == DELIVERED

    ((headers, body),) = listening.heard
    event = Webhook(SECRET).verify(body.decode(), headers)
    assert event == json.loads(body)
    assert event["type"] == "lead.created"
    assert event["data"].items() >= PERSON.items()
    assert event["data"]["page"]["url"] == "https://www.example.nl/partners/van-dijk/tilburg"
    assert headers["host"] == HOST
    assert network.asked == ["203.0.114.7"]


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["::ffff:169.254.169.254"],
        ["fd00:ec2::254"],
        # One that is public does not let the other through.
        ["203.0.114.7", "10.0.0.1"],
    ],
)
async def test_a_name_that_leads_to_us_is_not_connected_to(
    program: tuple[Program, ssl.SSLContext], addresses: list[str]
) -> None:
    listening, trusting = program
    network = ThisMachine(listening.port)

    assert await _send(trusting, network, Name([addresses])) == failed("webhook not public")

    assert network.asked == []
    assert listening.heard == []


async def test_a_name_that_changes_between_check_and_connection_gains_nothing(
    program: tuple[Program, ssl.SSLContext],
) -> None:
    listening, trusting = program
    network, name = ThisMachine(listening.port), Name([["203.0.114.7"], ["127.0.0.1"]])

    assert await _send(trusting, network, name) == DELIVERED
    assert (name.looked_up, network.asked) == (1, ["203.0.114.7"])

    assert await _send(trusting, network, name) == failed("webhook not public")
    assert network.asked == ["203.0.114.7"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: https://hooks.voorbeeld.nl/else\r\n\r\n", failed("http 302")),
        (b"HTTP/1.1 307 Temporary\r\nLocation: http://169.254.169.254/\r\n\r\n", failed("http 307")),
        (b"HTTP/1.1 500 Oh\r\n\r\n", failed("http 500")),
        (b"HTTP/1.1 410 Gone\r\n\r\n", refused("http 410")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", DELIVERED),
        (b"no HTTP\r\n\r\n", failed("webhook unreachable")),
    ],
)
async def test_only_2xx_is_delivered_and_no_redirect_is_followed(
    program: tuple[Program, ssl.SSLContext], answer: bytes, outcome: Outcome
) -> None:
    listening, trusting = program
    listening.answer = answer

    assert await _send(trusting, ThisMachine(listening.port), Name([["203.0.114.7"]])) == outcome
    assert len(listening.heard) == 1


async def test_a_program_that_says_nothing_is_not_waited_for(
    program: tuple[Program, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    listening, trusting = program
    listening.answer = b""
    monkeypatch.setattr("functions.jobs.webhook.SECONDS", 0.3)

    assert await _send(trusting, ThisMachine(listening.port), Name([["203.0.114.7"]])) == failed(
        "webhook timeout"
    )


async def test_who_is_not_the_host_is_told_nothing(program: tuple[Program, ssl.SSLContext]) -> None:
    listening, _ = program
    strict = ssl.create_default_context()

    outcome = await _send(strict, ThisMachine(listening.port), Name([["203.0.114.7"]]))

    assert outcome == failed("webhook unreachable")
    assert listening.heard == []


async def test_a_name_server_that_says_nothing_keeps_no_other_lookup_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, loop, is_over = socket.getaddrinfo, asyncio.get_running_loop(), threading.Event()

    def look_up(host: str, *rest: Any, **more: Any) -> Any:  # noqa: ANN401 - the system's own.
        if host == HOST:
            is_over.wait(5)
            raise OSError
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    hanging = [asyncio.ensure_future(resolve(HOST, 443)) for _ in range(40)]
    try:
        await asyncio.sleep(0)
        async with asyncio.timeout(2):
            assert await loop.getaddrinfo("127.0.0.1", 25)
    finally:
        is_over.set()
        await asyncio.gather(*hanging, return_exceptions=True)


async def test_nothing_but_the_check_keeps_it_out(program: tuple[Program, ssl.SSLContext]) -> None:
    listening, trusting = program

    assert (
        await _send(trusting, ThisMachine(listening.port), Name([["127.0.0.1"]]), lambda _: True) == DELIVERED
    )
