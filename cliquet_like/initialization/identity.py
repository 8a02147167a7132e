"""Who sends a request: the policies of the settings, and which of them knew the user."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

import pyramid_multiauth
from pyramid.exceptions import ConfigurationError
from pyramid.interfaces import PHASE2_CONFIG, IAuthorizationPolicy, ISecurityPolicy
from pyramid.settings import aslist
from pyramid_multiauth import MultiAuthSecurityPolicy

from cliquet_like.authentication import prefixed_userid
from cliquet_like.authorization.groups import groupfinder as our_groupfinder
from cliquet_like.authorization.security import SecurityPolicy, keep_selected
from cliquet_like.initialization.dotted import check_made, make, resolve_callable, resolve_dotted
from cliquet_like.initialization.metrics import timed_policies
from cliquet_like.logs import logger
from cliquet_like.settings.resolution import read_members

_POLICIES: Final = "multiauth.policies"
_FAMILY: Final = "multiauth.policy."
_AUTHORIZATION: Final = "multiauth.authorization_policy"
_GROUPFINDER: Final = "multiauth.groupfinder"

# What we and pyramid_multiauth ask of a policy, of those of IAuthenticationPolicy.
_ASKED: Final = ("authenticated_userid", "effective_principals", "remember", "forget")
_KNOWING: Final = (
    "a class of authentication policies, as in cliquet_like.authentication.BasicAuthAuthenticationPolicy"
)
_DECIDING: Final = "a class of authorization policies, as in cliquet_like.authorization.AuthorizationPolicy"
_NAMED: Final = "names that have multiauth.policy.NAME.use, or modules to include"

Groupfinder = Callable[[str, Any], list[str] | None]


def setup_authentication(config: Any) -> None:
    """Step: include pyramid_multiauth, and set what requests say about their user."""
    settings = config.get_settings()
    policies = aslist(settings[_POLICIES])
    read_members(config, _FAMILY, policies)
    if "basicauth" in policies and not settings["userid_hmac_secret"]:
        logger.warning("Setting userid_hmac_secret is empty: anybody can compute the ids of users.")
    authorization = make(
        config, _AUTHORIZATION, settings[_AUTHORIZATION], expected=_DECIDING, methods=("permits",)
    )
    finder = resolve_callable(config, _GROUPFINDER, settings[_GROUPFINDER])
    forgetting = _forgetting_the_refused(finder)
    # multiauth reads its settings while it is included; afterwards they are as they were written.
    for_multiauth = {
        _POLICIES: " ".join(policies),
        _GROUPFINDER: forgetting,
        _AUTHORIZATION: lambda: authorization,
        **_makers(config, policies),
    }
    as_written = {name: settings[name] for name in for_multiauth}
    settings.update(for_multiauth)
    config.include(pyramid_multiauth)
    settings.update(as_written)
    # In the phase of the policies themselves, and after them: views take what is there then.
    install = partial(_install_policy, config.registry, forgetting, lazily=finder is our_groupfinder)
    config.action(None, install, order=PHASE2_CONFIG)
    config.add_subscriber(keep_selected, pyramid_multiauth.MultiAuthPolicySelected)
    config.add_request_method(prefixed_userid, property=True)
    config.add_request_method(get_user_info)


def _makers(config: Any, policies: Iterable[str]) -> dict[str, Callable[..., Any]]:
    """What makes each policy that has a class or function of its own, by the setting that names it."""
    settings = config.get_settings()
    makers = {}
    for policy in policies:
        use = f"{_FAMILY}{policy}.use"
        if use in settings:
            maker = resolve_callable(config, use, settings[use])
            makers[use] = _checked(policy, settings[use], maker)
        else:
            _check_module(config, policy)
    return makers


def _checked(policy: str, name: Any, maker: Callable[..., Any]) -> Callable[..., Any]:
    """Maker of a policy that raises ``ConfigurationError`` for options that it has not, or for no policy."""

    def make_policy(**options: Any) -> Any:
        try:
            made = maker(**options)
        except (TypeError, ValueError) as error:
            message = f"Settings {_FAMILY}{policy}.*: no policy can be made of them: {error}."
            raise ConfigurationError(message) from error
        check_made(f"{_FAMILY}{policy}.use", name, made, expected=_KNOWING, methods=_ASKED)
        return made

    return make_policy


def _check_module(config: Any, policy: str) -> None:
    """Raise ``ConfigurationError`` for a policy without class that is no module to include either."""
    options = f"{_FAMILY}{policy}."
    if any(name.startswith(options) for name in config.get_settings()):
        raise ConfigurationError(f"Setting {options}use: it is missing, expected {_KNOWING}.")
    module = resolve_dotted(config, _POLICIES, policy, expected=_NAMED)
    if not callable(getattr(module, "includeme", module)):
        raise ConfigurationError(f"Setting {_POLICIES}: {policy!r} has no includeme, expected {_NAMED}.")


def _install_policy(registry: Any, groupfinder: Groupfinder, *, lazily: bool) -> None:
    """Put a policy in place of pyramid_multiauth's: one that measures, if the application does.

    With our own groupfinder it is one that asks ``lazily``: for groups when somebody needs them.
    """
    metrics = getattr(registry, "statsd", None)
    if not lazily and metrics is None:
        return
    policies = timed_policies(metrics, registry.getUtility(ISecurityPolicy).get_policies())
    authz_policy = registry.getUtility(IAuthorizationPolicy)
    policy = (
        SecurityPolicy(policies, authz_policy=authz_policy)
        if lazily
        else MultiAuthSecurityPolicy(policies, groupfinder, authz_policy)
    )
    registry.registerUtility(policy, ISecurityPolicy)


def get_user_info(request: Any) -> dict[str, Any]:
    """What the hello view says about the user."""
    return {"id": request.prefixed_userid}


def _forgetting_the_refused(groupfinder: Groupfinder) -> Groupfinder:
    """Groupfinder that leaves no trace of a user whom it refuses with None."""

    def find(userid: str, request: Any) -> list[str] | None:
        groups = groupfinder(userid, request)
        if groups is None:
            request.authn_type = request.selected_userid = None
        return groups

    return find
