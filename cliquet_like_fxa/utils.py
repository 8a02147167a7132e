"""Facade: helpers by the path that applications import them from."""

from cliquet_like_fxa.settings import fxa_conf

__all__ = ["fxa_conf"]
