"""End of service: clients are warned before the date, and refused after it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from pyramid.httpexceptions import HTTPGone
from pyramid.tweens import EXCVIEW

from cliquet_like.errors import ERRORS, alert_text, http_error
from cliquet_like.initialization.transport import TRANSACTION_TWEEN, TRANSPORT_TWEEN
from cliquet_like.kernel.clock import msec_time
from cliquet_like.logs import logger

_TWEEN: Final = "cliquet_like.initialization.sunset.end_of_service_tween_factory"


def setup_deprecation(config: Any) -> None:
    """Step: look at the setting ``eos`` on each request."""
    config.add_tween(_TWEEN, under=TRANSPORT_TWEEN, over=(TRANSACTION_TWEEN, EXCVIEW))


def end_of_service_tween_factory(handler: Callable[[Any], Any], registry: Any) -> Callable[[Any], Any]:
    """Tween: the ``Alert`` header before the end of the service, 410 after it."""
    settings = registry.settings

    def tween(request: Any) -> Any:
        eos = settings.get("eos")
        end_ms = None if eos in (None, "") else _end_of_service(eos)
        if end_ms is None:
            return handler(request)
        if end_ms > msec_time():
            return _alerted(request, handler(request), "soft-eol")
        if request.method == "OPTIONS":
            # A browser shows the page no 410 unless the preflight before it succeeds.
            return _alerted(request, handler(request), "hard-eol")
        gone = http_error(HTTPGone(), errno=ERRORS.SERVICE_DEPRECATED, message=ERRORS.SERVICE_DEPRECATED.text)
        return _alerted(request, gone, "hard-eol")

    return tween


def _alerted(request: Any, response: Any, code: str) -> Any:
    settings = request.registry.settings
    alert = alert_text(request, settings.get("eos_message"), settings.get("eos_url"), code)
    response.headers["Alert"] = alert
    return response


def _end_of_service(eos: Any) -> int | None:
    try:
        return _milliseconds(eos)
    except ValueError:
        # It was changed on the running application: a typing mistake must not end the service.
        logger.exception("setting eos is no ISO 8601 date", eos=eos)
        return None


def _milliseconds(eos: Any) -> int:
    """Milliseconds since the epoch of a date; without a time zone it is UTC."""
    end = datetime.fromisoformat(str(eos))
    return int((end if end.tzinfo else end.replace(tzinfo=UTC)).timestamp() * 1000)
