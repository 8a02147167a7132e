"""Metrics: what is measured and counted, under which names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from pyramid.events import NewResponse
from pyramid.exceptions import ConfigurationError
from pyramid.interfaces import IExecutionPolicy
from pyramid.router import default_execution_policy
from pyramid.viewderivers import INGRESS
from pyramid_retry import is_error_retryable

from cliquet_like.initialization.harmless import Harmless
from cliquet_like.kernel.identity import selected_user
from cliquet_like.kernel.metrics import Batching, Metrics, Timed
from cliquet_like.statsd.client import Client
from cliquet_like.statsd.settings import load_from_config
from cliquet_like.web.subrequests import shared_by

_KINDS: Final = ("storage", "cache", "permission")
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OWN_SERVICES: Final = "cliquet_like."
_COUNTS: Final = "cliquet_like.counts"
"""What the answers inside of a request count, until it is known whether that is made again."""


@dataclass(frozen=True)
class Metric:
    """A row of the reference; ``<...>`` in its name stands for any text."""

    name: str
    type: str
    help: str


METRICS: Final = (
    Metric("storage.<backend>.<method>", "timer", "A call of the storage, by the last part of its module."),
    Metric("cache.<backend>.<method>", "timer", "A call of the cache."),
    Metric("permission.<backend>.<method>", "timer", "A call of the permission backend."),
    Metric("authentication.<policy>.<method>", "timer", "A call of an authentication policy."),
    Metric("listeners.<name>", "timer", "A call of a listener of the settings."),
    Metric("view.<service>.<METHOD>", "timer", "An answer of a service, permissions and storage included."),
    Metric("view.<service>.<METHOD>", "counter", "Answers of a service, refusals and errors among them."),
    Metric("status.<code>", "counter", "Answers with a status, also where no service has the URL."),
    Metric("users", "set", "Users who were signed in, each once."),
    Metric("authn_type.<policy>", "counter", "Requests by users whom this policy knew."),
)


def setup_statsd(config: Any) -> Client | None:
    """Step: :func:`measure` with the client of ``statsd_url``; without it, nothing."""
    if not config.get_settings().get("statsd_url"):
        vars(config.registry).setdefault("statsd", None)
        return None
    client = load_from_config(config)
    measure(config, client)
    return client


def measure(config: Any, metrics: Metrics) -> None:
    """Measure an application with any client, which becomes ``registry.statsd``.

    What a client that is not ours raises is logged, the first time, and harms no request. Call it
    in a step after those that make backends; views and policies are measured wherever it is. Raises
    ``ConfigurationError`` when the application has a client already.
    """
    registry = config.registry
    if getattr(registry, "statsd", None) is not None:
        raise ConfigurationError("Metrics have a client already: leave statsd_url empty to use another.")
    registry.statsd = client = metrics if type(metrics) is Client else Harmless(metrics)
    for kind in _KINDS:
        backend = getattr(registry, kind, None)
        if backend is not None:
            name = _name_of(config.get_settings().get(f"{kind}_backend"), backend)
            setattr(registry, kind, Timed(backend, client, f"{kind}.{name}"))
    config.add_view_deriver(timed_view, name="timed_view", under=INGRESS, over="secured_view")
    config.add_subscriber(_count_response, NewResponse)
    if isinstance(metrics, Batching):
        # After the execution policy, which is registered at order 0.
        config.action(None, _send_together, (registry, client), order=1)


def _send_together(registry: Any, metrics: Batching) -> None:
    """Send what a request measures at its end, whatever that is; what it asks of itself goes with it.

    Around the execution policy: answers are counted outside of all tweens, and one that raises in a
    callback is at its end too.
    """
    answer = registry.queryUtility(IExecutionPolicy, default=default_execution_policy)

    def policy(environ: Any, router: Any) -> Any:
        if not metrics.hold():
            return answer(environ, router)
        try:
            return answer(environ, router)
        finally:
            metrics.send()

    registry.registerUtility(policy, IExecutionPolicy)


def _name_of(module: Any, backend: Any) -> str:
    """Last part of the module that the settings name, else the class of the backend."""
    named = getattr(module, "__name__", module) or type(backend).__name__.lower()
    return str(named).rpartition(".")[2]


def timed_policies(metrics: Metrics | None, policies: list[tuple[str, Any]]) -> list[Any]:
    """Authentication policies that measure themselves; as they are without metrics."""
    if metrics is None:
        return [policy for _, policy in policies]
    return [Timed(policy, metrics, f"authentication.{name}") for name, policy in policies]


def timed_view(view: Callable[..., Any], info: Any) -> Callable[..., Any]:
    """View deriver: measure the views of services, and not those of exceptions."""
    if info.exception_only:
        return view

    def timed(context: Any, request: Any) -> Any:
        key = _view_key(request)
        if key is None:
            return view(context, request)
        with request.registry.statsd.timer(key):
            return view(context, request)

    return timed


def _view_key(request: Any) -> str | None:
    service = getattr(request, "current_service", None)
    if service is None:
        return None
    # Clients may send any method: there is no end of those.
    method = request.method if request.method in _METHODS else "OTHER"
    return f"view.{service.name.removeprefix(_OWN_SERVICES)}.{method}"


def _count_response(event: Any) -> None:
    """Count an answer; those of a batch with its own, for nobody sees an attempt that is made again."""
    request = event.request
    shared = shared_by(request)
    counts = shared.setdefault(_COUNTS, [])
    counts += _counts_of(request, event.response)
    if getattr(request, "parent", None) is None:
        del shared[_COUNTS]
        if not is_error_retryable(request, request.exception):
            for key, unique in counts:
                request.registry.statsd.count(key, unique=unique)


def _counts_of(request: Any, response: Any) -> Iterator[tuple[str, str | None]]:
    """Keys that an answer counts, each with the value of a set or None."""
    key = _view_key(request)
    if key is not None:
        yield key, None
    yield f"status.{response.status_code}", None
    # Who was not asked for is not looked for: it might fail, and the answer is there.
    user = selected_user(request)
    if user is not None:
        yield "users", user
        yield f"authn_type.{request.authn_type}", None
