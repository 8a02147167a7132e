"""Sign in with Firefox Accounts: a plugin, loaded by ``cliquet_like.includes = cliquet_like_fxa``."""

from typing import Any, Final

from pyramid.exceptions import ConfigurationError

from cliquet_like.logs import logger
from cliquet_like_fxa.heartbeat import fxa_ping
from cliquet_like_fxa.settings import DEFAULT_SETTINGS, FxASettings, setup_settings
from cliquet_like_fxa.verification import make_verifier

__all__ = ["DEFAULT_SETTINGS", "includeme"]

_DOCS: Final = "https://mozilla.github.io/ecosystem-platform/"
_RELIER: Final = "cliquet_like_fxa.views.relier"


def includeme(config: Any) -> None:
    """Add settings, heartbeat, capability and views to an application that the library set up.

    Raises ``ConfigurationError`` when it did not, or for a wrong setting. The policy is not chosen
    here: policies are set up before plugins are included.
    """
    if not hasattr(config.registry, "heartbeats"):
        raise ConfigurationError("cliquet_like_fxa needs cliquet_like: call cliquet_like.initialize before.")
    settings = setup_settings(config)
    registry = config.registry
    registry.fxa_verifier = make_verifier(registry)
    registry.heartbeats["oauth"] = fxa_ping
    config.add_api_capability(
        "fxa",
        description="Sign in with Firefox Accounts, by OAuth bearer tokens.",
        url=_DOCS,
        relier=settings.relier_enabled,
    )
    _warn_of_gaps(settings, registry)
    config.scan("cliquet_like_fxa.views", ignore=() if settings.relier_enabled else (_RELIER,))


def _warn_of_gaps(settings: FxASettings, registry: Any) -> None:
    """Log what a login will not work without, or is not safe with; the rest of the service works."""
    if not settings.relier_enabled:
        return
    needed = {
        "cache_backend": getattr(registry, "cache", None),
        "fxa-oauth.oauth_uri": settings.oauth_uri,
        "fxa-oauth.client_id": settings.client_id,
        "fxa-oauth.webapp.authorized_domains": settings.webapp_authorized_domains,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        logger.warning(
            "Nobody can sign in: set what is missing, or fxa-oauth.relier.enabled to false.",
            missing=", ".join(missing),
        )
    if any(allowed.host == "*" for allowed in settings.webapp_authorized_domains):
        logger.warning("Setting fxa-oauth.webapp.authorized_domains: with *, any site gets tokens of users.")
