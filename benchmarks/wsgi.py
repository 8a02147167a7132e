"""A service that is measured, for gunicorn: ``benchmarks.wsgi:application("benchmarks.ours")``."""

import importlib
import json
import os
from typing import Any

OPTIONS = "BENCHMARK_OPTIONS"
"""Variable with the arguments of ``make_app``, as JSON."""


def application(module: str) -> Any:
    """Application of a module."""
    return importlib.import_module(module).make_app(**json.loads(os.environ[OPTIONS]))
