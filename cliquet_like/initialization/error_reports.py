"""Error reports: what the application logs as an error is sent to Sentry, without a word of its users."""

from typing import Any

from pyramid.exceptions import ConfigurationError

from cliquet_like.drivers.optional import import_driver


def setup_sentry(config: Any) -> None:
    """Step: report errors to ``sentry_dsn``; nothing happens without it.

    ``registry.error_reports`` is then who sends them, and the log tells it of errors from then on. Raises
    ``ConfigurationError``, which does not show the value, for it holds a key.
    """
    dsn = config.get_settings().get("sentry_dsn")
    if not dsn:
        return
    import_driver("sentry_sdk", extra="monitoring", setting="sentry_dsn")
    # It imports the driver itself.
    from cliquet_like.sentry import ErrorReports

    settings = config.get_settings()
    try:
        reports = ErrorReports(dsn, release=str(settings.get("project_version") or ""))
    except ValueError:
        # The words of the error quote parts of the value.
        raise ConfigurationError(
            "Setting sentry_dsn: its value is no DSN, expected one as in https://KEY@HOST/PROJECT, "
            "with a number for the project."
        ) from None
    config.registry.error_reports = reports
