"""Settings of the plugin: their table, and one frozen object of them for each application.

Each is written ``fxa-oauth.<name>`` in a file, with or without the prefix of the library or of the
project, and ``CLIQUET_LIKE_FXA_OAUTH_<NAME>`` in the environment, dots as underscores too.
"""

import ipaddress
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pyramid.exceptions import ConfigurationError
from pyramid.settings import aslist

from cliquet_like.kernel.deprecation import warn_deprecated
from cliquet_like.kernel.values import native_value
from cliquet_like.settings import Setting, load_default_settings
from cliquet_like.settings.resolution import read_named_settings
from cliquet_like.settings.setting import Kind
from cliquet_like_fxa.mistakes import PREFIX, RETIRED_SCOPE, warn_of_mistakes
from cliquet_like_fxa.redirects import AllowedHost, parse_allowed_hosts

SETTINGS: Final = (
    Setting(
        name="multiauth.policy.fxa.use",
        default="cliquet_like_fxa.authentication.FxAOAuthAuthenticationPolicy",
        help="Dotted name of the class of the policy ``fxa``; the application has to write it itself.",
    ),
    Setting(
        name="multiauth.policy.fxa.realm", default="Realm", help="Realm that clients without token are shown."
    ),
    Setting(
        name="fxa-oauth.oauth_uri",
        default=None,
        kind=Kind.TEXT,
        help="URL of the OAuth server; its version, ``/v1``, is added when it does not end in it. Empty for "
        "the one that PyFxA knows, without login and heartbeat.",
    ),
    Setting(
        name="fxa-oauth.client_id",
        default=None,
        kind=Kind.TEXT,
        help="What the OAuth server calls this service.",
    ),
    Setting(
        name="fxa-oauth.client_secret",
        default=None,
        kind=Kind.TEXT,
        help="Secret that the service shares with the OAuth server.",
    ),
    Setting(
        name="fxa-oauth.required_scope",
        default="profile",
        kind=Kind.TEXT,
        help="Scopes, separated by blanks, that a token must have.",
    ),
    Setting(
        name="fxa-oauth.requested_scope",
        default="profile",
        kind=Kind.TEXT,
        help="Scopes, separated by blanks, that a login asks for.",
    ),
    Setting(
        name="fxa-oauth.allowed_client_ids",
        default="",
        kind=Kind.TEXT,
        help="Ids, separated by blanks, of the clients to which a token may have been given; empty for any.",
    ),
    Setting(
        name="fxa-oauth.cache_ttl_seconds",
        default=300,
        unit="seconds",
        help="How long a token that was verified is not verified again; 0 to verify it each time.",
    ),
    Setting(
        name="fxa-oauth.timeout_seconds",
        default=5,
        unit="seconds",
        help="How long a request waits for the OAuth server.",
    ),
    Setting(
        name="fxa-oauth.heartbeat_timeout_seconds",
        default=3,
        unit="seconds",
        help="How long the heartbeat waits for the OAuth server.",
    ),
    Setting(
        name="fxa-oauth.relier.enabled",
        default=True,
        kind=Kind.FLAG,
        help="Whether the service signs users in itself.",
    ),
    Setting(
        name="fxa-oauth.pkce.enabled",
        default=None,
        kind=Kind.FLAG,
        optional=True,
        help="Whether a login is protected by a challenge (RFC 7636); empty for a service without "
        "``fxa-oauth.client_secret`` only: the accounts server takes one or the other.",
    ),
    Setting(
        name="fxa-oauth.state.ttl_seconds",
        default=3600,
        unit="seconds",
        help="How long a login may take.",
    ),
    Setting(
        name="fxa-oauth.state.bind_to_browser",
        default=True,
        kind=Kind.FLAG,
        help="Whether a login ends only in the browser in which it began, known by a cookie.",
    ),
    Setting(
        name="fxa-oauth.webapp.authorized_domains",
        default="",
        kind=Kind.TEXT,
        help="Hosts, separated by blanks, to which users may be sent with their token: "
        "``app.example.com``, ``*.example.com``, ``http://localhost:3000``.",
    ),
)

DEFAULT_SETTINGS: Final[dict[str, Any]] = {setting.name: setting.default for setting in SETTINGS}
"""Default of each setting: to be copied, and passed as Pyramid settings."""

# RFC 6749, section 3.3; blanks separate scopes.
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+", re.ASCII)
_LABEL: Final = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_SERVER_URL: Final = re.compile(
    rf"(?P<scheme>(?i:https?))://(?P<host>{_LABEL}(?:\.{_LABEL})*|\[(?P<address>[0-9A-Fa-f:.]+)\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?P<path>(?:/[A-Za-z0-9._~!$&'()*+,;=:%/-]*)?)"
)
_VERSION: Final = "/v1"
_MAX_PORT: Final = 65535
_LONGEST_S: Final = 10 * 366 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class FxASettings:
    """The settings of one application, dots in their names as underscores; times in seconds."""

    oauth_uri: str | None
    client_id: str | None
    client_secret: str | None = field(repr=False)
    required_scope: tuple[str, ...]
    requested_scope: tuple[str, ...]
    allowed_client_ids: tuple[str, ...]
    cache_ttl_seconds: float
    timeout_seconds: float
    heartbeat_timeout_seconds: float
    relier_enabled: bool
    pkce_enabled: bool
    state_ttl_seconds: float
    state_bind_to_browser: bool
    webapp_authorized_domains: tuple[AllowedHost, ...]


def setup_settings(config: Any) -> FxASettings:
    """Fill in what the application left out, and keep the result in the registry.

    Raises ``ConfigurationError``, with the setting and what was expected, for a wrong value.
    """
    settings = config.get_settings()
    read_named_settings(config, [RETIRED_SCOPE])
    if settings.get(RETIRED_SCOPE) is not None:
        new = [f"{PREFIX}requested_scope", f"{PREFIX}required_scope"]
        warn_deprecated(f"Setting {RETIRED_SCOPE}", use=" and ".join(new), removed_in="1.0")
        for name in new:
            # A copy of the defaults says nothing of what the application wants.
            if settings.get(name, DEFAULT_SETTINGS[name]) == DEFAULT_SETTINGS[name]:
                settings[name] = settings[RETIRED_SCOPE]
    load_default_settings(config, DEFAULT_SETTINGS)
    warn_of_mistakes(settings, DEFAULT_SETTINGS)
    config.registry.fxa_settings = parsed = parse_settings(settings)
    return parsed


def settings_of(registry: Any) -> FxASettings:
    """Settings of an application, read anew where the plugin was not included."""
    found = getattr(registry, "fxa_settings", None)
    return found if isinstance(found, FxASettings) else parse_settings(registry.settings)


def fxa_conf(request: Any, name: str) -> Any:
    """Value of a setting by its short name, ``state.ttl_seconds``; ``AttributeError`` for an unknown one."""
    return getattr(settings_of(request.registry), name.replace(".", "_"))


def parse_settings(settings: Mapping[str, Any]) -> FxASettings:
    """Settings as values, defaults where there are none; raises as :func:`setup_settings` does."""
    reader = _Reader(settings)
    client_secret = reader.text("client_secret")
    return FxASettings(
        oauth_uri=reader.server_url("oauth_uri"),
        client_id=reader.text("client_id"),
        client_secret=client_secret,
        required_scope=reader.scopes("required_scope"),
        requested_scope=reader.scopes("requested_scope"),
        allowed_client_ids=reader.words("allowed_client_ids"),
        cache_ttl_seconds=reader.seconds("cache_ttl_seconds", zero=True),
        timeout_seconds=reader.seconds("timeout_seconds"),
        heartbeat_timeout_seconds=reader.seconds("heartbeat_timeout_seconds"),
        relier_enabled=reader.flag("relier.enabled"),
        pkce_enabled=reader.flag("pkce.enabled", instead_of_none=client_secret is None),
        state_ttl_seconds=reader.seconds("state.ttl_seconds"),
        state_bind_to_browser=reader.flag("state.bind_to_browser"),
        webapp_authorized_domains=reader.hosts("webapp.authorized_domains"),
    )


class _Reader:
    """Reads settings by their short names, each as what it is."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def text(self, name: str) -> str | None:
        value = self._value(name)
        return None if value in (None, "") else str(value).strip()

    def server_url(self, name: str) -> str | None:
        """Ends in the version, as PyFxA has it: one address to verify, to trade and to sign in."""
        url = self.text(name)
        if url is None:
            return None
        found = _SERVER_URL.fullmatch(url)
        if not found or int(found["port"] or 1) > _MAX_PORT or not _is_address(found["address"] or "::"):
            raise self._error(name, url, "an http or https URL without user, query and fragment")
        base = found["scheme"].lower() + url[found.end("scheme") :].rstrip("/")
        return base if found["path"].rstrip("/").endswith(_VERSION) else base + _VERSION

    def scopes(self, name: str) -> tuple[str, ...]:
        scopes = self.words(name)
        if not scopes or not all(map(_SCOPE.fullmatch, scopes)):
            # With none required, every token of the server would do, whatever it was given for.
            raise self._error(name, self._value(name), "one or more scopes, separated by blanks")
        return scopes

    def seconds(self, name: str, *, zero: bool = False) -> float:
        value = native_value(self._value(name))
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not is_number or not 0 <= value <= _LONGEST_S or not (value or zero):
            raise self._error(name, value, f"a number of seconds, {'at least' if zero else 'above'} 0")
        return float(value)

    def flag(self, name: str, *, instead_of_none: bool | None = None) -> bool:
        value = native_value(self._value(name))
        if instead_of_none is not None and value in (None, ""):
            return instead_of_none
        if not isinstance(value, bool):
            raise self._error(name, value, "true or false")
        return value

    def hosts(self, name: str) -> tuple[AllowedHost, ...]:
        try:
            return parse_allowed_hosts(self.words(name))
        except ValueError as error:
            expected = "a host (`app.example.com`, `*.example.com`), with its scheme where it is http"
            raise self._error(name, self._value(name), f"{expected} ({error})") from error

    def words(self, name: str) -> tuple[str, ...]:
        value = self._value(name)
        if not isinstance(value, str | list | tuple | None):
            raise self._error(name, value, "words, separated by blanks")
        return tuple(map(str, aslist(value or "")))

    def _value(self, name: str) -> Any:
        return self._settings.get(f"{PREFIX}{name}", DEFAULT_SETTINGS[f"{PREFIX}{name}"])

    def _error(self, name: str, value: Any, expected: str) -> ConfigurationError:
        return ConfigurationError(f"Setting {PREFIX}{name}: {value!r} is no such value, expected {expected}.")


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True
