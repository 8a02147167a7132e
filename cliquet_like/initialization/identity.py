"""Who sends a request: the policies of the settings, and which of them knew the user."""

from collections.abc import Callable
from typing import Any

import pyramid_multiauth
from pyramid.interfaces import PHASE2_CONFIG, IAuthorizationPolicy, ISecurityPolicy
from pyramid.settings import aslist
from pyramid_multiauth import MultiAuthSecurityPolicy

from cliquet_like.authentication import prefixed_userid
from cliquet_like.authorization.groups import groupfinder as our_groupfinder
from cliquet_like.authorization.security import SecurityPolicy
from cliquet_like.initialization.dotted import resolve_callable
from cliquet_like.initialization.metrics import timed_policies
from cliquet_like.logs import logger
from cliquet_like.settings.resolution import names_in_environment, read_named_settings

Groupfinder = Callable[[str, Any], list[str] | None]


def setup_authentication(config: Any) -> None:
    """Step: include pyramid_multiauth, and set what requests say about their user."""
    settings = config.get_settings()
    policies = aslist(settings["multiauth.policies"])
    for name in policies:
        read_named_settings(config, names_in_environment(f"multiauth.policy.{name}."))
    if "basicauth" in policies and not settings["userid_hmac_secret"]:
        logger.warning("Setting userid_hmac_secret is empty: anybody can compute the ids of users.")
    groupfinder = settings["multiauth.groupfinder"]
    for name in ("multiauth.authorization_policy", *(f"multiauth.policy.{name}.use" for name in policies)):
        if name in settings:
            resolve_callable(config, name, settings[name])
    # multiauth reads its settings while it is included; afterwards they are as they were written.
    settings["multiauth.policies"] = " ".join(policies)
    finder = resolve_callable(config, "multiauth.groupfinder", groupfinder)
    settings["multiauth.groupfinder"] = _forgetting_the_refused(finder)
    config.include(pyramid_multiauth)
    # In the phase of the policies themselves, and after them: views take what is there then.
    config.action(None, _install_policy, (config.registry, finder), order=PHASE2_CONFIG)
    settings["multiauth.groupfinder"] = groupfinder
    config.add_subscriber(_keep_selected, pyramid_multiauth.MultiAuthPolicySelected)
    config.add_request_method(prefixed_userid, property=True)
    config.add_request_method(get_user_info)


def _install_policy(registry: Any, groupfinder: Groupfinder) -> None:
    """Put a policy in place of pyramid_multiauth's: one that measures, if the application does.

    With our own groupfinder it is one that asks for groups when somebody needs them.
    """
    metrics = getattr(registry, "statsd", None)
    lazily = groupfinder is our_groupfinder
    if not lazily and metrics is None:
        return
    policies = timed_policies(metrics, registry.getUtility(ISecurityPolicy).get_policies())
    authz_policy = registry.getUtility(IAuthorizationPolicy)
    policy = (
        SecurityPolicy(policies, authz_policy=authz_policy)
        if lazily
        else MultiAuthSecurityPolicy(policies, _forgetting_the_refused(groupfinder), authz_policy)
    )
    registry.registerUtility(policy, ISecurityPolicy)


def get_user_info(request: Any) -> dict[str, Any]:
    """What the hello view says about the user."""
    return {"id": request.prefixed_userid}


def _keep_selected(event: Any) -> None:
    event.request.authn_type = event.policy_name
    event.request.selected_userid = event.userid


def _forgetting_the_refused(groupfinder: Groupfinder) -> Groupfinder:
    """Groupfinder that leaves no trace of a user whom it refuses with None."""

    def find(userid: str, request: Any) -> list[str] | None:
        groups = groupfinder(userid, request)
        if groups is None:
            request.authn_type = request.selected_userid = None
        return groups

    return find
