"""Error reports: what the application logs as an error is sent to Sentry, without a word of its users."""

from typing import Any

from pyramid.exceptions import ConfigurationError


def setup_sentry(config: Any) -> None:
    """Step: report errors to ``sentry_dsn``; nothing happens without it.

    ``registry.error_reports`` is then who sends them, and the log tells it of errors from then on. Raises
    ``ConfigurationError``, which does not show the value, for it holds a key.
    """
    dsn = config.get_settings().get("sentry_dsn")
    if not dsn:
        return
    try:
        # An optional driver, loaded by who needs it.
        from cliquet_like.initialization.sentry import ErrorReports
    except ImportError as error:
        raise ConfigurationError(
            f"Setting sentry_dsn: it needs the package sentry-sdk ({error}), "
            "installed by `pip install cliquet-like[monitoring]`."
        ) from error
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
