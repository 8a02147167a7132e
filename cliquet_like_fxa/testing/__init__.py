"""What others need to test their own sign-in: a stand-in for the accounts server, and its faults."""

from cliquet_like_fxa.testing.faults import NONSENSE, Fault
from cliquet_like_fxa.testing.oauth_server import OAuthServer

__all__ = ["NONSENSE", "Fault", "OAuthServer"]
