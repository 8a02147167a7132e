"""What an error report holds, and how it gets to Sentry; needs sentry-sdk.

``sentry_sdk.init`` would set up the whole process: its client, hooks in the logging module, in WSGI and
in Pyramid, and the data of requests that they collect. Here each application has a client of its own
without any of that, and hands it the events. It learns of errors where its log entries pass anyway, at
its renderer, which is in its registry: a handler on the library's logger would be in every application
of the process, and be lost when logging is configured again.
"""

import sys
import threading
import weakref
from typing import Any, Final

from pyramid.threadlocal import get_current_request
from sentry_sdk import Client
from sentry_sdk.transport import HttpTransport
from sentry_sdk.utils import event_from_exception

from cliquet_like.logs import ClassicLogRenderer, Event, Renderer, logger

REQUEST_TIMEOUT_S: Final = 5
QUEUE_SIZE: Final = 32
EXIT_TIMEOUT_S: Final = 2.0
_LEVELS: Final = {"error": "error", "exception": "error", "critical": "fatal", "fatal": "fatal"}


class ErrorReports:
    """Sends events from a thread, which the first event of a process starts: workers that fork have theirs.

    At most ``QUEUE_SIZE`` events wait, later ones are lost. When the object or the process ends, those
    that wait have ``EXIT_TIMEOUT_S``.
    """

    def __init__(self, dsn: str, *, release: str = "") -> None:
        """Raises ``ValueError`` when the DSN is none. Nothing is sent yet."""
        self._client = Client(
            dsn=dsn,
            release=release or None,
            transport=_Transport,
            transport_queue_size=QUEUE_SIZE,
            default_integrations=False,
            auto_enabling_integrations=False,
            auto_session_tracking=False,
            enable_backpressure_handling=False,
            send_client_reports=False,
            spotlight=False,
            include_local_variables=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            server_name="",
        )
        weakref.finalize(self, self._client.close, timeout=EXIT_TIMEOUT_S)

    def send(self, name: str, *, level: str, exception: BaseException | None) -> None:
        """Send the name of a log entry, the type and stack of an exception, and the request's route.

        What the exception says is left out, and so is the path: both may hold what users wrote.
        """
        event: Any = {} if exception is None else self._described(exception)
        request = get_current_request()
        route = getattr(request, "matched_route", None)
        if route is not None:
            event["transaction"] = f"{request.method} /{route.pattern.removeprefix('/')}"
        event.update(level=level, logger="cliquet_like", logentry={"message": name})
        self._client.capture_event(event)

    def _described(self, exception: BaseException) -> Any:
        event, _ = event_from_exception(exception, client_options=self._client.options)
        for raised in event["exception"]["values"]:
            raised.pop("value", None)
            stack = raised.get("stacktrace")
            # It is no dict where the stack was too long to be sent.
            for frame in stack["frames"] if isinstance(stack, dict) else ():
                # Whether there are any, the application says, if it calls sentry_sdk.init on its own.
                frame.pop("vars", None)
        return event

    def flush(self, timeout_s: float) -> None:
        """Return when all events are sent or lost, or the time is over."""
        self._client.flush(timeout=timeout_s)


class ReportingRenderer:
    """A renderer, of whose entries those for errors are reported too."""

    def __init__(self, renderer: Renderer | None, reports: ErrorReports) -> None:
        """Without a renderer, entries are written as they are in an application that names none."""
        self._renderer = renderer or ClassicLogRenderer({})
        self._reports = reports
        self.keeps_traceback = getattr(renderer, "keeps_traceback", False)

    def __call__(self, logger: Any, method_name: str, event_dict: Event) -> str:
        """Line of an entry; no field of it is in the report, but the exception that is being handled."""
        if method_name in _LEVELS:
            self._report(str(event_dict.get("event", "")), _LEVELS[method_name])
        return self._renderer(logger, method_name, event_dict)

    def _report(self, name: str, level: str) -> None:
        try:
            self._reports.send(name, level=level, exception=sys.exc_info()[1])
        except Exception as error:  # noqa: BLE001 - a report that cannot be made is no reason to fail
            logger.warning("error report not made", cause=type(error).__name__)


class _Transport(HttpTransport):
    """Transport that gives up soon, and tells the log of its first lost event, of no other."""

    TIMEOUT = REQUEST_TIMEOUT_S

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        # A lock that is never released: whoever gets it is the first, in any thread.
        self._first_loss = threading.Lock()

    def _get_pool_options(self, *args: Any) -> dict[str, Any]:
        # Each try after the first would be a warning of urllib3 in the log.
        return {**super()._get_pool_options(*args), "retries": False}

    def on_dropped_event(self, reason: str) -> None:
        """Called for each event that does not reach Sentry, by the thread that sends or that reports."""
        if self._first_loss.acquire(blocking=False):
            logger.warning("error reports are lost, this is told once", reason=reason)
