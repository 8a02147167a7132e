"""Every setting of the library in one table; the reference in the docs is made from it."""

from typing import Any, Final

from cliquet_like.settings.backend_table import BACKEND_SETTINGS
from cliquet_like.settings.setting import NO_DEFAULT, Kind, Setting

_STEPS: Final = (
    "setup_request_bound_data",
    "setup_json_serializer",
    "setup_logging",
    "setup_storage",
    "setup_permission",
    "setup_cache",
    "setup_requests_scheme",
    "setup_vary_headers",
    "setup_version_redirection",
    "setup_deprecation",
    "setup_authentication",
    "setup_backoff",
    "setup_sentry",
    "setup_statsd",
    "setup_listeners",
)

_PROJECT: Final = (
    Setting(
        name="project_name", default="", kind=Kind.TEXT, help="Name of the service; a prefix of settings too."
    ),
    Setting(name="project_version", default="", kind=Kind.TEXT, help="Version of the service."),
    Setting(name="project_docs", default="", kind=Kind.TEXT, help="URL of the service's documentation."),
    Setting(
        name="http_api_version",
        kind=Kind.TEXT,
        help="Version of the service's HTTP API, of which the URLs carry the first part; "
        "by default the first two parts of the service's version.",
    ),
    Setting(
        name="includes",
        kind=Kind.NAMES,
        default="",
        help="Modules to include once the library is set up.",
    ),
    Setting(
        name="initialization_sequence",
        kind=Kind.NAMES,
        default=(
            *(f"cliquet_like.initialization.{step}" for step in _STEPS),
            "cliquet_like.events.setup_transaction_hook",
        ),
        help="Dotted names of the start-up steps, in their order.",
    ),
    Setting(
        name="readonly",
        kind=Kind.FLAG,
        default=False,
        help="Refuse every method that would write to a resource.",
    ),
)

_RESOURCES: Final = (
    Setting(
        name="paginate_by",
        kind=Kind.COUNT,
        optional=True,
        default=None,
        unit="records",
        help="Records in a page, and the most of ``_limit``.",
    ),
    Setting(
        name="batch_max_requests",
        kind=Kind.COUNT,
        optional=True,
        default=25,
        unit="requests",
        help="Requests that one batch may hold; None for no limit.",
    ),
    Setting(
        name="collection_<resource>_<method>_enabled",
        kind=Kind.FLAG,
        help="False takes a method away from the list of a resource.",
    ),
    Setting(
        name="record_<resource>_<method>_enabled",
        kind=Kind.FLAG,
        help="False takes a method away from the records of a resource.",
    ),
    Setting(
        name="<resource>_cache_expires_seconds",
        kind=Kind.SECONDS,
        optional=True,
        unit="seconds",
        help="How long anonymous answers about a resource may be cached; 0 as if not set.",
    ),
    Setting(
        name="<resource>_<permission>_principals",
        help="Principals, separated by blanks, that have a permission on every object of a resource.",
    ),
)

_HTTP: Final = (
    Setting(
        name="backoff",
        kind=Kind.SECONDS,
        optional=True,
        default=None,
        unit="seconds",
        help="Sent as ``Backoff`` on every response: how long clients shall wait.",
    ),
    Setting(
        name="backoff_percentage",
        kind=Kind.PERCENTAGE,
        optional=True,
        default=None,
        unit="per cent",
        help="Share of the responses that carry ``Backoff`` while it is set; all of them when empty.",
    ),
    Setting(
        name="retry_after_seconds",
        kind=Kind.SECONDS,
        default=30,
        unit="seconds",
        help="Sent as ``Retry-After`` when the service is unavailable.",
    ),
    Setting(
        name="cors_origins",
        kind=Kind.ORIGINS,
        optional=True,
        default="*",
        help="Origins, separated by blanks, whose pages may call the service; ``*`` stands for any text.",
    ),
    Setting(
        name="cors_max_age_seconds",
        kind=Kind.SECONDS,
        optional=True,
        default=3600,
        unit="seconds",
        help="How long browsers may remember the answer to a preflight; empty to leave it to them.",
    ),
    Setting(name="vary", kind=Kind.TEXT, help="Request headers named in ``Vary``; by default Authorization."),
    Setting(
        name="http_host",
        kind=Kind.HOST,
        optional=True,
        default=None,
        help="Host in the URLs we make, whatever was asked.",
    ),
    Setting(
        name="http_scheme",
        kind=Kind.SCHEME,
        optional=True,
        default=None,
        help="Scheme in the URLs we make, ``http`` or ``https``.",
    ),
    Setting(
        name="version_prefix_redirect_enabled",
        kind=Kind.FLAG,
        default=True,
        help="Redirect paths without version to the same path below the current one.",
    ),
    Setting(
        name="trailing_slash_redirect_enabled",
        kind=Kind.FLAG,
        default=True,
        help="Redirect unknown paths that end with a slash to the same path without it.",
    ),
    Setting(
        name="error_info_link",
        default="https://github.com/mozilla-services/cliquet/issues/",
        kind=Kind.TEXT,
        help="URL in the body of an unexpected error.",
    ),
    Setting(
        name="eos",
        kind=Kind.DATE,
        optional=True,
        default=None,
        help="Date (ISO 8601, UTC unless it says otherwise) at which the service ends: "
        "clients are warned before it, and refused after it.",
    ),
    Setting(name="eos_message", default=None, kind=Kind.TEXT, help="Message of that warning."),
    Setting(
        name="eos_url", default=None, kind=Kind.TEXT, help="URL of that warning; by default ``project_docs``."
    ),
)

_IDENTITY: Final = (
    Setting(
        name="userid_hmac_secret", default="", kind=Kind.TEXT, help="Secret from which user ids are derived."
    ),
    Setting(
        name="multiauth.policies",
        kind=Kind.NAMES,
        default="basicauth",
        help="Names of the authentication policies, or modules; empty for none: everybody is anonymous.",
    ),
    Setting(
        name="multiauth.policy.basicauth.use",
        default="cliquet_like.authentication.BasicAuthAuthenticationPolicy",
        help="Dotted name of the class of the policy ``basicauth``.",
    ),
    Setting(name="multiauth.policy.<policy>.<argument>", help="Class (``use``) and arguments of a policy."),
    Setting(
        name="multiauth.groupfinder",
        default="cliquet_like.authorization.groupfinder",
        help="Dotted name of the function that finds a user's groups.",
    ),
    Setting(
        name="multiauth.authorization_policy",
        default="cliquet_like.authorization.AuthorizationPolicy",
        help="Dotted name of the class that decides on permissions.",
    ),
    Setting(
        name="fxa-oauth.<name>",
        kind=Kind.TEXT,
        help="Settings of the plugin ``cliquet_like_fxa``, which reads them itself.",
    ),
)

_OPERATIONS: Final = (
    Setting(
        name="logging_renderer",
        default="cliquet_like.logs.ClassicLogRenderer",
        help="Dotted name of the class that writes log entries as lines.",
    ),
    Setting(name="event_listeners", default="", help="Names of listeners, or their modules."),
    Setting(
        name="event_listeners.<name>.<argument>",
        help="Module (``use``) and arguments of a listener; ``actions`` and ``resources`` that it hears of, "
        "and ``after_commit``: whether it does so only when they are lasting.",
    ),
    Setting(name="statsd_url", default=None, kind=Kind.TEXT, help="``udp://host:port`` of statsd."),
    Setting(
        name="statsd_prefix",
        default="cliquet_like",
        kind=Kind.TEXT,
        help="Written before each name of a metric; looked at when ``statsd_url`` is set.",
    ),
    Setting(
        name="sentry_dsn",
        default=None,
        kind=Kind.TEXT,
        help="Where errors are reported, by sentry-sdk; empty for nowhere.",
    ),
    Setting(
        name="heartbeat_timeout_seconds",
        kind=Kind.DURATION,
        default=10,
        unit="seconds",
        help="How long one heartbeat may take before it counts as failed; 0 for no limit, and one after the "
        "other.",
    ),
    Setting(name="newrelic_config", default=None, kind=Kind.TEXT, help="File that configures New Relic."),
    Setting(name="newrelic_env", default="dev", kind=Kind.TEXT, help="Section of that file."),
    Setting(name="profiler_enabled", kind=Kind.FLAG, default=False, help="Profile every request."),
    Setting(name="profiler_dir", default="/tmp", kind=Kind.TEXT, help="Where profiles are written."),
)

SETTINGS: Final[tuple[Setting, ...]] = (
    *_PROJECT,
    *BACKEND_SETTINGS,
    *_RESOURCES,
    *_HTTP,
    *_IDENTITY,
    *_OPERATIONS,
)

DEFAULT_SETTINGS: Final[dict[str, Any]] = {
    setting.name: setting.default for setting in SETTINGS if setting.default is not NO_DEFAULT
}
"""Default of each setting that has one: to be copied, and passed as Pyramid settings."""


def find_setting(name: str) -> Setting | None:
    """Row of a name without prefix, or None; a row of its own comes before a pattern."""
    rows = sorted(SETTINGS, key=lambda setting: setting.is_pattern)
    return next((setting for setting in rows if setting.matches(name)), None)
