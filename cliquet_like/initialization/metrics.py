"""Metrics: the client of statsd, and what is measured."""

from typing import Any


def setup_statsd(config: Any) -> None:
    """Step: ``registry.statsd`` of ``statsd_url``, None without it."""
    config.registry.statsd = None
