"""WSGI middlewares around the whole application: New Relic, and a profiler of each request."""

import re
import tempfile
import threading
from collections.abc import Mapping
from typing import Any, Final

from pyramid.exceptions import ConfigurationError
from pyramid.settings import asbool

_NAME_LENGTH: Final = 100


def install_middlewares(app: Any, settings: Mapping[str, Any] | None = None) -> Any:
    """The application, wrapped as the settings ask; itself when neither is asked for.

    Without ``settings``, those of the application. ``newrelic_config`` starts the agent of New Relic,
    which then is the process's; ``profiler_enabled`` profiles one request after the other. Raises
    ``ConfigurationError``.
    """
    if settings is None:
        registry = getattr(app, "registry", None)
        settings = {} if registry is None else registry.settings
    if asbool(settings.get("profiler_enabled")):
        app = _profiled(app, settings.get("profiler_dir"))
    if settings.get("newrelic_config"):
        app = _with_newrelic(app, settings)
    return app


def _with_newrelic(app: Any, settings: Mapping[str, Any]) -> Any:
    # Optional, and importing it is the first thing that the agent notices of the process.
    try:
        from newrelic import agent
    except ImportError as error:
        raise ConfigurationError(
            f"Setting newrelic_config: it needs the package newrelic ({error}), "
            "installed by `pip install cliquet-like[newrelic]`."
        ) from error
    config, env = settings["newrelic_config"], settings.get("newrelic_env")
    try:
        agent.initialize(config, env)
    except Exception as error:
        # Whatever the agent raises, it could not make use of the file.
        raise ConfigurationError(
            f"Setting newrelic_config: {config!r} cannot be used with newrelic_env {env!r} ({error}), "
            "expected a configuration file of New Relic."
        ) from error
    return agent.WSGIApplicationWrapper(app)


def _profiled(app: Any, directory: Any) -> Any:
    try:
        from werkzeug.middleware.profiler import ProfilerMiddleware
    except ImportError as error:
        raise ConfigurationError(
            f"Setting profiler_enabled: it needs the package werkzeug ({error}), "
            "installed by `pip install cliquet-like[monitoring]`."
        ) from error
    # A try tells more than the permissions do: the disk may be read-only.
    try:
        with tempfile.TemporaryFile(dir=directory):
            pass
    except (OSError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"Setting profiler_dir: {directory!r} cannot be written to ({error}), "
            "expected a directory that can."
        ) from error
    format_name: Any = _file_name  # may be a function, which its type does not say
    return _OneAtATime(
        ProfilerMiddleware(app, stream=None, profile_dir=directory, filename_format=format_name)
    )


def _file_name(environ: Mapping[str, Any]) -> str:
    """``GET.v1.books.12ms.1795236273.214512.prof``, of letters that any file system takes."""
    path = environ.get("PATH_INFO", "").strip("/").replace("/", ".") or "root"
    request = re.sub(r"[^A-Za-z0-9._-]", "_", f"{environ['REQUEST_METHOD']}.{path}")[:_NAME_LENGTH]
    measured = environ["werkzeug.profiler"]
    return f"{request}.{measured['elapsed']:.0f}ms.{measured['time']:.6f}.prof"


class _OneAtATime:
    """The application for one thread at a time: since Python 3.12, a second profiler is an error."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._lock = threading.Lock()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        with self._lock:
            return self._app(environ, start_response)
