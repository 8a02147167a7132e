"""Endpoints of the library itself, found by `config.scan`."""
