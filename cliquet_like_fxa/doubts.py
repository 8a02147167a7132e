"""What will not work, or is not safe, with the settings of an application: its log says so at the start."""

import ipaddress
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from fxa.oauth import scope_matches
from pyramid.interfaces import ISecurityPolicy
from pyramid_multiauth import MultiAuthSecurityPolicy

from cliquet_like.cache import CacheBase
from cliquet_like.logs import logger
from cliquet_like_fxa.authentication import FxAOAuthAuthenticationPolicy
from cliquet_like_fxa.settings import FxASettings


def warn_of_doubts(settings: FxASettings, registry: Any) -> None:
    """Log each, with the setting; the rest of the service works."""
    if not _knows_tokens(registry.queryUtility(ISecurityPolicy)):
        logger.warning(
            "Setting multiauth.policies: without fxa, no token of Firefox Accounts opens anything."
        )
    if _travels_openly(settings.oauth_uri):
        logger.warning(
            "Setting fxa-oauth.oauth_uri: with http, whoever is in between reads tokens and secret."
        )
    if not settings.relier_enabled:
        return
    missing = list(_missing(settings, registry))
    if missing:
        logger.warning(
            "Nobody can sign in: set what is missing, or fxa-oauth.relier.enabled to false.",
            missing=", ".join(missing),
        )
    for text in _doubts(settings, getattr(registry, "cache", None)):
        logger.warning(text)


def _knows_tokens(policy: Any) -> bool:
    """Whether the policy ``fxa`` is chosen, or ours by another name; whoever has no such list knows best."""
    if not isinstance(policy, MultiAuthSecurityPolicy):
        return True
    policies = policy.get_policies()
    return any(name == "fxa" or isinstance(one, FxAOAuthAuthenticationPolicy) for name, one in policies)


def _missing(settings: FxASettings, registry: Any) -> Iterator[str]:
    needed = {
        "cache_backend": getattr(registry, "cache", None),
        "fxa-oauth.oauth_uri": settings.oauth_uri,
        "fxa-oauth.client_id": settings.client_id,
        "fxa-oauth.webapp.authorized_domains": settings.webapp_authorized_domains,
    }
    return (name for name, value in needed.items() if not value)


def _doubts(settings: FxASettings, cache: Any) -> Iterator[str]:
    """What a login will hardly end well with, as sentences for who set it so."""
    if any(allowed.host == "*" for allowed in settings.webapp_authorized_domains):
        yield "Setting fxa-oauth.webapp.authorized_domains: with *, any site gets tokens of users."
    if cache and not _takes_out(cache):
        yield "Nobody can sign in: the cache cannot take a value out in one step, it lacks the hook _pop."
    if not scope_matches(settings.requested_scope, settings.required_scope):
        yield "Setting fxa-oauth.requested_scope: tokens of the login will lack fxa-oauth.required_scope."
    if settings.client_id and settings.client_id not in (settings.allowed_client_ids or {settings.client_id}):
        yield "Setting fxa-oauth.allowed_client_ids: tokens of the login are for fxa-oauth.client_id."
    if settings.pkce_enabled and settings.client_secret:
        yield "Setting fxa-oauth.pkce.enabled: the accounts server takes no challenge beside a client_secret."


def _takes_out(cache: Any) -> bool:
    """Whether it has the hook that came last into the contract: a cache of an application may be older."""
    # What is timed has the class of the cache behind it, and a type of its own.
    kind = cache.__class__
    return bool(kind.pop is not CacheBase.pop or kind._pop is not CacheBase._pop)


def _travels_openly(url: str | None) -> bool:
    parts = urlsplit(url or "")
    return parts.scheme == "http" and not _is_this_machine(parts.hostname or "")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
