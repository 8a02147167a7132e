"""A stand-in for the OAuth server, and an application that trusts it."""

from collections.abc import Iterator

import pytest

from cliquet_like_fxa.testing import OAuthServer


@pytest.fixture(scope="module")
def shared_server() -> Iterator[OAuthServer]:
    """One for a module: its key takes a while to make."""
    with OAuthServer() as running:
        yield running


@pytest.fixture
def server(shared_server: OAuthServer) -> OAuthServer:
    """The server, which nobody has asked anything yet."""
    shared_server.calls.clear()
    shared_server.token_kind = "opaque"
    return shared_server
