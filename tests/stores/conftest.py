"""One server for all tests of a process."""

from collections.abc import Iterator

import pytest

from tests.stores.server import Server, running


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server of the tests' own."""
    with running() as started:
        yield started
