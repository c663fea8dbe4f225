"""The server of the tests of stores."""

from tests.stores.conftest import server as server
