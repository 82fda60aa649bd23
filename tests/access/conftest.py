import pytest

from tests.access.world import World, build_world
from tests.database import Database


@pytest.fixture(scope="package")
def world(platform: Database) -> World:
    """A partner with a row of everything; the access tests leave those rows in place."""
    return build_world(platform)
