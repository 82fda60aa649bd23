"""Choosing ports: picked once at random, kept while they are free, or fixed by a setting."""

import random
import socket
from collections.abc import Collection

from stack.errors import StackError
from stack.running.process import wait_until
from stack.settings import Settings
from stack.state import Ports

# Below the range that systems take outgoing connections from, so that a kept port stays free between runs.
_RANGE = range(20_000, 30_000)
_TRIES = 200
_LETTING_GO_SECONDS = 2


def choose_ports(settings: Settings, before: Ports | None, held: Collection[str]) -> Ports:
    """Decide on every port of a stack."""
    chosen: dict[str, int] = {}
    kept_ports = before.model_dump().values() if before else ()
    for name in Ports.model_fields:
        setting = f"stack_{name}_port"
        kept: int | None = getattr(before, name, None)
        fixed: int | None = getattr(settings, setting, None)
        taken = {*chosen.values(), *kept_ports}
        chosen[name] = choose_port(setting.upper(), fixed=fixed, kept=kept, is_held=name in held, taken=taken)
    if len(set(chosen.values())) < len(chosen):
        raise StackError(
            f"Two parts of the stack were given one port: {chosen}.", "Change the STACK_…_PORT settings."
        )
    return Ports(**chosen)


def choose_port(
    setting: str, *, fixed: int | None, kept: int | None, is_held: bool, taken: Collection[int] = ()
) -> int:
    """Decide on one port. None is picked that is `taken` already, though nobody may listen there yet."""
    wish = fixed or kept
    if wish is not None and wish == kept and (is_held or wait_until_free(wish)):
        return wish
    if wish is not None and is_free(wish):
        return wish
    if fixed is not None:
        advice = (
            f"Stop what listens there, set {setting} to another port, or unset it to have a free one picked."
        )
        raise StackError(f"{setting}={fixed}, but that port is taken.", advice)
    for _ in range(_TRIES):
        port = random.choice(_RANGE)  # noqa: S311 - a port is no secret.
        if port not in taken and is_free(port):
            return port
    raise StackError(
        f"No free port was found between {_RANGE.start} and {_RANGE.stop}.", f"Name one in {setting}."
    )


def wait_until_free(port: int) -> bool:
    """Give a program of ours that has just ended time to let go of its port.

    The system closes the sockets of a killed program a little after it has gone.

    Returns:
        Whether it is free now.
    """
    return wait_until(lambda: is_free(port), _LETTING_GO_SECONDS)


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a port now."""
    with socket.socket() as candidate:
        # As servers do: connections of the last run that are still winding down don't count.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
            candidate.listen()
        except OSError:
            return False
    return True
