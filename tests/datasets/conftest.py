"""The server of the tests of stores."""

from tests.stores.conftest import server

__all__ = ["server"]
