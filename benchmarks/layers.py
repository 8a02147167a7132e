"""A profile by layers: which part of a request's time each of them takes.

What Python's own library and built-in functions take belongs to who called them.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

Code = tuple[str, int, str]
"""File, line and name of a function, as ``pstats`` has them; a built-in one has the file ``~``."""

POSTGRESQL = "PostgreSQL"
CLIENT = "client"
PYTHON = "others"
_LAYERS = (
    ("Pyramid", ("/site-packages/pyramid/", "/site-packages/webob/", "/site-packages/zope/")),
    ("Cornice", ("/site-packages/cornice/", "/cliquet_like/service/")),
    (
        "transaction",
        (
            *("/site-packages/pyramid_tm/", "/site-packages/pyramid_retry/", "/site-packages/transaction/"),
            *("/cliquet_like/initialization/transactions.py", "/cliquet_like/drivers/transactions.py"),
        ),
    ),
    (
        "other tweens",
        ("/cliquet_like/initialization/", "/cliquet_like/logs/", "/cliquet_like/events/firing.py"),
    ),
    (
        "identity",
        (
            "/site-packages/pyramid_multiauth/",
            "/cliquet_like/authentication.py",
            "/cliquet_like/authorization/",
        ),
    ),
    (
        "validation",
        (
            *("/site-packages/colander/", "/cliquet_like/resource/schema.py"),
            *("/cliquet_like/resource/payload.py", "/cliquet_like/web/body.py"),
        ),
    ),
    ("pool", ("/site-packages/sqlalchemy/", "/cliquet_like/drivers/")),
    ("storage", ("/cliquet_like/storage/", "/cliquet_like/cache/", "/cliquet_like/permission/")),
    ("resource", ("/cliquet_like/",)),
    (CLIENT, ("/benchmarks/",)),
)
LAYERS = (*(name for name, _ in _LAYERS if name != CLIENT), PYTHON, POSTGRESQL)

_WAITING = ("<method 'execute' of 'psycopg2", "<method 'acquire' of '_thread.lock'")


def own_times(stats: Mapping[Code, Any]) -> dict[str, float]:
    """Seconds that each layer takes by itself; the client is left out."""
    times: dict[str, float] = defaultdict(float)
    for code, (_, _, own, _, callers) in stats.items():
        layer = layer_of(code)
        if layer != PYTHON:
            times[layer] += own
            continue
        for caller, (_, _, part, _) in callers.items():
            times[layer_of(caller)] += part
    times.pop(CLIENT, None)
    return dict(times)


def layer_of(code: Code) -> str:
    """Layer of a function by its file; ``PYTHON`` for those of Python itself."""
    path, _, name = code
    if name.startswith(_WAITING):
        return POSTGRESQL
    return next((layer for layer, places in _LAYERS if any(place in path for place in places)), PYTHON)
