"""Choosing ports: picked once at random, kept while they are free, or fixed by a setting."""

import random
import socket
from collections.abc import Collection

from stack.errors import StackError
from stack.settings import Settings
from stack.state import Ports

# Below the range that systems take outgoing connections from, so that a kept port stays free between runs.
_RANGE = range(20_000, 30_000)
_TRIES = 200


def choose_ports(settings: Settings, before: Ports | None, held: Collection[str]) -> Ports:
    """Decide on every port of a stack.

    Args:
        settings: Which may fix some of them.
        before: What the stack had the last time.
        held: The names of the ports that its own running programs listen on.
    """
    chosen: dict[str, int] = {}
    for name in Ports.model_fields:
        setting = f"stack_{name}_port"
        kept: int | None = getattr(before, name, None)
        fixed: int | None = getattr(settings, setting, None)
        chosen[name] = choose_port(setting.upper(), fixed=fixed, kept=kept, is_held=name in held)
    if len(set(chosen.values())) < len(chosen):
        raise StackError(
            f"Two parts of the stack were given one port: {chosen}.", "Change the STACK_…_PORT settings."
        )
    return Ports(**chosen)


def choose_port(setting: str, *, fixed: int | None, kept: int | None, is_held: bool) -> int:
    """Decide on one port.

    Args:
        setting: The environment variable that fixes it.
        fixed: The value of that.
        kept: The port of the last time.
        is_held: Whether the program that it is for runs and listens there.
    """
    wish = fixed or kept
    if wish is not None and ((is_held and wish == kept) or is_free(wish)):
        return wish
    if fixed is not None:
        advice = (
            f"Stop what listens there, set {setting} to another port, or unset it to have a free one picked."
        )
        raise StackError(f"{setting}={fixed}, but that port is taken.", advice)
    for _ in range(_TRIES):
        port = random.choice(_RANGE)  # noqa: S311 - a port is no secret.
        if is_free(port):
            return port
    raise StackError(
        f"No free port was found between {_RANGE.start} and {_RANGE.stop}.", f"Name one in {setting}."
    )


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a port now.

    Args:
        port: Its number.
    """
    with socket.socket() as candidate:
        # As servers do: connections of the last run that are still winding down don't count.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
            candidate.listen()
        except OSError:
            return False
    return True
