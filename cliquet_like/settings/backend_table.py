"""The rows of the table of settings that are about backends."""

from typing import Final

from cliquet_like.settings.setting import Kind, Setting


def _backend(kind: str, keeps: str, *, planned: bool = False) -> tuple[Setting, ...]:
    return (
        Setting(
            name=f"{kind}_backend",
            default="",
            help=f"Dotted name of the module that keeps {keeps}; empty for none.",
            planned=planned,
        ),
        Setting(
            name=f"{kind}_url",
            default="",
            kind=Kind.TEXT,
            help=f"Where the server of the {kind} backend is, for backends that have one.",
            planned=True,
        ),
        Setting(
            name=f"{kind}_pool_size",
            default=25,
            unit="connections",
            help=f"Connections to the {kind} server that a process keeps open.",
            planned=True,
        ),
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
        name="tm.annotate_user",
        kind=Kind.FLAG,
        default=False,
        help="Name the user in the notes of a transaction.",
    ),
    *_backend("cache", "short-lived values"),
    Setting(name="cache_prefix", default="", kind=Kind.TEXT, help="Written before each key of the cache."),
    *_backend("permission", "permissions and groups", planned=True),
    Setting(
        name="<kind>_maxoverflow",
        unit="connections",
        help="Connections beyond the pool's size.",
        planned=True,
    ),
    Setting(
        name="<kind>_max_backlog",
        unit="requests",
        help="Requests that may wait for a connection.",
        planned=True,
    ),
    Setting(
        name="<kind>_pool_recycle",
        unit="seconds",
        help="Age at which a connection is replaced.",
        planned=True,
    ),
    Setting(name="<kind>_pool_timeout", unit="seconds", help="Longest wait for a connection.", planned=True),
    Setting(name="<kind>_poolclass", help="Dotted name of the class of the pool.", planned=True),
)
