"""Requests whose class has the request methods and properties of an application, made once.

Pyramid gives them to each request anew, with a class of its own (``apply_request_extensions``).
"""

from collections.abc import Callable
from inspect import getattr_static, isdatadescriptor
from types import FunctionType, SimpleNamespace
from typing import Any, Final

from pyramid.interfaces import IRequestExtensions, IRequestFactory
from pyramid.request import Request, apply_request_extensions

_MARK: Final = "_cliquet_like_extensions"
"""Attribute of the class: whose extensions it has."""

_SET_BY_ROUTER: Final = frozenset({"registry", "invoke_subrequest"})
"""Attributes that a router sets before it applies extensions, which may therefore hide them."""


def extend_requests(router: Any) -> None:
    """Let a router, and :func:`new_request`, make requests that have all extensions from the start.

    Requests that somebody else made get them as ever, and so do all of an application whose
    extensions a class cannot show as Pyramid does; see :func:`_can_be_of_class`.
    """
    registry = router.registry
    factory = registry.queryUtility(IRequestFactory, default=Request)
    extensions = registry.queryUtility(IRequestExtensions)
    if extensions is None or not _can_be_of_class(factory, extensions):
        return
    registry.make_request = router.request_factory = _Factory(factory, extensions)
    # It would apply them to every request; the function below does it where they are missing.
    router.request_extensions = None
    router.invoke_subrequest = _invoking(router.invoke_subrequest, registry, extensions)


def new_request(registry: Any, environ: dict[str, Any]) -> Any:
    """Request of an application, with its registry and extensions."""
    make = getattr(registry, "make_request", None)
    if make is not None:
        request = make(environ)
        request.registry = registry
        return request
    request = registry.queryUtility(IRequestFactory, default=Request)(environ)
    request.registry = registry
    apply_request_extensions(request)
    return request


class _Factory:
    """Maker of requests that have the extensions as if they were applied to what another factory makes."""

    def __init__(self, factory: type, extensions: Any) -> None:
        self._factory = factory
        self._extensions = extensions
        self._learn()

    def __call__(self, environ: dict[str, Any]) -> Any:
        request = self._factory(environ)
        if self._known != (self._extensions.methods, self._extensions.descriptors):
            # Somebody has added some after the start.
            self._learn()
        if self._extended is None or type(request) is not self._factory:
            apply_request_extensions(request, extensions=self._extensions)
            return request
        own = vars(request)
        for name in self._extensions.methods.keys() & own.keys():
            del own[name]
        # Only now: what the factory does is done on a request that has none yet.
        request.__class__ = self._extended
        return request

    def _learn(self) -> None:
        extensions = self._extensions
        self._known = dict(extensions.methods), dict(extensions.descriptors)
        fits = _can_be_of_class(self._factory, extensions)
        self._extended: Any = _extended_class(self._factory, extensions) if fits else None


def _extended_class(factory: type, extensions: Any) -> type:
    """Class of a factory's requests that has the extensions."""
    # A request that nothing was done to: Pyramid makes the class of it.
    sample: Any = object.__new__(factory)
    attributes = {**extensions.descriptors, **extensions.methods, _MARK: extensions}
    apply_request_extensions(sample, extensions=SimpleNamespace(methods={}, descriptors=attributes))
    return type(sample)


def _can_be_of_class(factory: Any, extensions: Any) -> bool:
    """Whether attributes of a class are seen as Pyramid's would be: methods are attributes of the request.

    That is so for functions, unless a descriptor of the class, or of the extensions, has the name.
    """
    methods, descriptors = extensions.methods, extensions.descriptors
    return (
        isinstance(factory, type)
        and _SET_BY_ROUTER.isdisjoint({*methods, *descriptors})
        and not any(name in descriptors for name in methods)
        and all(isinstance(method, FunctionType) for method in methods.values())
        and not any(isdatadescriptor(getattr_static(factory, name, None)) for name in methods)
    )


def _invoking(invoke: Callable[..., Any], registry: Any, extensions: Any) -> Callable[..., Any]:
    def invoke_subrequest(request: Any, use_tweens: bool = False) -> Any:
        if getattr(request, _MARK, None) is not extensions:
            request.registry = registry
            apply_request_extensions(request, extensions=extensions)
        return invoke(request, use_tweens=use_tweens)

    return invoke_subrequest
