"""Sign in with Firefox Accounts: a plugin, loaded by ``cliquet_like.includes = cliquet_like_fxa``."""

from typing import Any, Final

from pyramid.exceptions import ConfigurationError

from cliquet_like_fxa.doubts import warn_of_doubts
from cliquet_like_fxa.heartbeat import fxa_ping
from cliquet_like_fxa.settings import DEFAULT_SETTINGS, setup_settings
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
    warn_of_doubts(settings, registry)
    config.scan("cliquet_like_fxa.views", ignore=() if settings.relier_enabled else (_RELIER,))
