"""Run the simulator by itself, with accounts in which campaigns have spent: python -m tests.simulator --help.

It prints its address and goes on until it is stopped.
"""

import argparse
import datetime as dt
import threading
from random import Random
from zoneinfo import ZoneInfo

from tests.simulator.server import serving
from tests.simulator.world import World, make_rates

CURRENCIES = {
    "google_ads": "USD",
    "meta_ads": "GBP",
    "linkedin_ads": "EUR",
    "tiktok_ads": "JPY",
    "microsoft_ads": "CHF",
}
ACCOUNT_IDS = {platform: f"100000000{number}" for number, platform in enumerate(CURRENCIES, 1)}


def make_world(seed: int, campaigns: int, days: int) -> World:
    """Make an account of each platform, whose campaigns have spent up to yesterday."""
    random = Random(seed)  # noqa: S311 - the same at each run.
    today = dt.datetime.now(ZoneInfo("Europe/Amsterdam")).date()
    first, yesterday = today - dt.timedelta(days=days), today - dt.timedelta(days=1)
    world = World(rates=make_rates(first - dt.timedelta(days=10), yesterday))
    for platform, currency in CURRENCIES.items():
        account = world.account(platform, ACCOUNT_IDS[platform], currency)
        account.refresh_tokens = {f"refresh-{platform}"}
        account.access_token = f"access-{platform}-0"
    world.spend_a_while(random, campaigns, first, yesterday)
    return world


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--campaigns", type=int, default=3, help="in each account")
    parser.add_argument("--days", type=int, default=30, help="up to yesterday")
    parser.add_argument("--frozen", action="store_true", help="answer the same request with the same bytes")
    arguments = parser.parse_args()
    world = make_world(arguments.seed, arguments.campaigns, arguments.days)
    with serving(world, arguments.port) as simulator:
        simulator.is_frozen = arguments.frozen
        print(simulator.url, flush=True)  # noqa: T201 - that is what it is run for.
        threading.Event().wait()


if __name__ == "__main__":
    main()
