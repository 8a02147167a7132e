"""The rows of the table of settings that are about backends."""

from dataclasses import replace
from typing import Final

from cliquet_like.settings.setting import Kind, Setting

# Rows of the pool of connections; ``{kind}`` stands for the kind of backend.
_POOL: Final = (
    Setting(
        name="{kind}_pool_size",
        kind=Kind.COUNT,
        default=25,
        unit="connections",
        help="Connections to the {kind} server that a process keeps open.",
    ),
    Setting(
        name="{kind}_maxoverflow",
        kind=Kind.LIMIT,
        optional=True,
        unit="connections",
        help="Connections to the {kind} server beyond the pool's size; -1 for no limit.",
    ),
    Setting(
        name="{kind}_max_backlog",
        kind=Kind.LIMIT,
        optional=True,
        unit="requests",
        help="Requests that may wait for a connection to the {kind} server; -1 or empty for no limit.",
    ),
    Setting(
        name="{kind}_pool_recycle",
        kind=Kind.LIMIT,
        optional=True,
        unit="seconds",
        help="Age at which a connection to the {kind} server is replaced; -1 or empty for never.",
    ),
    Setting(
        name="{kind}_pool_timeout",
        kind=Kind.SECONDS,
        optional=True,
        unit="seconds",
        help="Longest wait for a connection to the {kind} server.",
    ),
    Setting(name="{kind}_poolclass", help="Dotted name of the class of the {kind} server's pool."),
    Setting(
        name="{kind}_prepared_statements",
        kind=Kind.FLAG,
        default=True,
        help="Let the PostgreSQL server of the {kind} backend plan each statement once a connection.",
    ),
)


def _backend(kind: str, keeps: str) -> tuple[Setting, ...]:
    return (
        Setting(
            name=f"{kind}_backend",
            default="",
            help=f"Dotted name of the module that keeps {keeps}; empty for none.",
        ),
        Setting(
            name=f"{kind}_url",
            default="",
            kind=Kind.TEXT,
            help=f"Where the server or file of the {kind} backend is, for backends that have one.",
        ),
        *(replace(row, name=row.name.format(kind=kind), help=row.help.format(kind=kind)) for row in _POOL),
    )


BACKEND_SETTINGS: Final = (
    *_backend("storage", "the records"),
    Setting(
        name="storage_max_fetch_size",
        kind=Kind.COUNT,
        default=10000,
        unit="records",
        help="Records that one request may read, when no page is smaller.",
    ),
    Setting(
        name="id_generator",
        default="cliquet_like.storage.generators.UUID4",
        help="Dotted name of the class that makes record ids.",
    ),
    Setting(
        name="transaction_per_request",
        kind=Kind.FLAG,
        default=True,
        help="Write all of a request or nothing, where the backend has transactions.",
    ),
    Setting(
        name="retry.attempts",
        kind=Kind.COUNT,
        default=3,
        unit="attempts",
        help="How often a request is tried whose transaction was in the way of another one.",
    ),
    Setting(
        name="tm.annotate_user",
        kind=Kind.FLAG,
        default=False,
        help="Name the user in the notes of a transaction.",
    ),
    *_backend("cache", "short-lived values"),
    Setting(name="cache_prefix", default="", kind=Kind.TEXT, help="Written before each key of the cache."),
    *_backend("permission", "permissions and groups"),
)
