"""Facade of authorization."""

from cliquet_like.authorization.context import RouteFactory
from cliquet_like.authorization.groups import groupfinder
from cliquet_like.authorization.names import DYNAMIC, PRIVATE
from cliquet_like.authorization.policy import AuthorizationPolicy

__all__ = ["DYNAMIC", "PRIVATE", "AuthorizationPolicy", "RouteFactory", "groupfinder"]
