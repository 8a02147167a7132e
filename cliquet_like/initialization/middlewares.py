"""WSGI middlewares around the whole application: New Relic, and a profiler of each request."""

import re
import tempfile
import threading
from collections.abc import Callable, Mapping
from configparser import RawConfigParser
from functools import partial
from typing import Any, Final

from pyramid.exceptions import ConfigurationError
from pyramid.settings import asbool

from cliquet_like.drivers.optional import import_driver
from cliquet_like.logs import logger
from cliquet_like.settings.table import DEFAULT_SETTINGS

_NAME_LENGTH: Final = 100


def install_middlewares(app: Any, settings: Mapping[str, Any] | None = None) -> Any:
    """The application, wrapped as the settings ask; itself when neither is asked for.

    Without ``settings``, those of the application; what is missing in them, or empty, has its default.
    ``newrelic_config`` starts the agent of New Relic, which then is the process's;
    ``profiler_enabled`` profiles one request after the other. Raises ``ConfigurationError``.
    """
    if settings is None:
        registry = getattr(app, "registry", None)
        settings = {} if registry is None else registry.settings
    given = {name: value for name, value in settings.items() if value not in (None, "")}
    settings = {**DEFAULT_SETTINGS, **given}
    if asbool(settings["profiler_enabled"]):
        app = _profiled(app, settings["profiler_dir"])
    if settings["newrelic_config"]:
        app = _with_newrelic(app, settings["newrelic_config"], settings["newrelic_env"])
    return app


def _with_newrelic(app: Any, config: Any, env: Any) -> Any:
    # Optional, and importing it is the first thing that the agent notices of the process.
    agent = import_driver("newrelic.agent", extra="newrelic", setting="newrelic_config")
    try:
        agent.initialize(config, env)
    except Exception as error:  # noqa: BLE001 - whatever it is, the agent could not make use of the file
        cause = type(error).__name__
    else:
        _check_section(config, env)
        return agent.WSGIApplicationWrapper(app)
    # Outside of its handler, so that no traceback shows the agent's error: it may quote the licence key.
    raise ConfigurationError(
        f"Setting newrelic_config: {config!r} cannot be used with newrelic_env {env!r} ({cause}), "
        "expected a configuration file of New Relic that can be read."
    )


def _check_section(config: Any, env: Any) -> None:
    """Raise ``ConfigurationError`` for a file in which the agent found nothing that is for it.

    It refuses such a TOML file itself, and starts with the defaults for any other.
    """
    parser = RawConfigParser()
    sections = ("newrelic", f"newrelic:{env}")
    if str(config).endswith(".toml"):
        return
    parser.read(config)
    if not any(map(parser.has_section, sections)):
        raise ConfigurationError(
            f"Setting newrelic_config: {config!r} has nothing for the agent, "
            f"expected a file with the section [newrelic] or [{sections[1]}]."
        )


def _profiled(app: Any, directory: Any) -> Any:
    profiler = import_driver("werkzeug.middleware.profiler", extra="monitoring", setting="profiler_enabled")
    # A try tells more than the permissions do: the disk may be read-only.
    try:
        with tempfile.TemporaryFile(dir=directory):
            pass
    except (OSError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"Setting profiler_dir: {directory!r} cannot be written to ({error}), "
            "expected a directory that can."
        ) from error
    return _Profiled(
        app,
        partial(profiler.ProfilerMiddleware, stream=None, profile_dir=directory, filename_format=_file_name),
    )


def _file_name(environ: Mapping[str, Any]) -> str:
    """``GET.v1.books.12ms.1795236273.214512.prof``, of letters that any file system takes."""
    path = environ.get("PATH_INFO", "").strip("/").replace("/", ".") or "root"
    request = re.sub(r"[^A-Za-z0-9._-]", "_", f"{environ['REQUEST_METHOD']}.{path}")[:_NAME_LENGTH]
    measured = environ["werkzeug.profiler"]
    return f"{request}.{measured['elapsed']:.0f}ms.{measured['time']:.6f}.prof"


class _Profiled:
    """The application for one thread at a time: since Python 3.12, a second profiler is an error.

    A profile that cannot be written is missing, and nothing else; the first of several in a row is logged.
    """

    def __init__(self, app: Any, profile: Callable[[Any], Any]) -> None:
        self._app = app
        self._profile = profile
        self._lock = threading.Lock()
        self._is_writing = True

    def __call__(self, environ: Any, start_response: Any) -> Any:
        with self._lock:
            answered = _Answered(self._app)
            try:
                body = self._profile(answered)(environ, start_response)
            except OSError as error:
                if answered.body is None:
                    raise
                self._tell(error)
                return answered.body
            self._is_writing = True
            return body

    def _tell(self, error: OSError) -> None:
        if self._is_writing:
            logger.warning("profiles cannot be written", error=str(error))
        self._is_writing = False


class _Answered:
    """The application for one request, with the body of its answer once that is complete."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.body: list[bytes] | None = None

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        chunks = self._app(environ, start_response)
        try:
            body = list(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        self.body = body
        return body
