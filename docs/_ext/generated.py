"""Sphinx extension: tables that are made from the code, where a page has ``<!-- generated: NAME -->``.

They are made from the library's own tables and from nothing else: not from the environment, nor
from the settings of an application.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from cliquet_like.errors import ERRORS
from cliquet_like.initialization.metrics import METRICS
from cliquet_like.kernel.values import environment_name
from cliquet_like.logs.masking import SECRET_PARAMETERS, SECRET_WORDS
from cliquet_like.logs.summary import FIELDS
from cliquet_like.settings.resolution import PREFIX
from cliquet_like.settings.setting import NO_DEFAULT, Setting
from cliquet_like.settings.table import SETTINGS
from cliquet_like_fxa.settings import SETTINGS as FXA_SETTINGS

MARKER: Final = re.compile(r"<!-- generated: (\w+) -->")
_SETTINGS_HEADS: Final = ("setting, and its environment variable", "default", "unit", "meaning")


def errors_table() -> str:
    """Markdown table of the protocol's errors, by their number."""
    rows = [
        (str(error.value), str(error.status), f"`{error.name}`", error.text)
        for error in sorted(ERRORS, key=lambda error: error.value)
    ]
    return _table(("errno", "status", "name", "message"), rows)


def settings_table() -> str:
    """Markdown table of the library's settings, by their name."""
    return _table(_SETTINGS_HEADS, [_settings_row(setting) for setting in _by_name(SETTINGS)])


def fxa_settings_table() -> str:
    """Markdown table of the settings of ``cliquet_like_fxa``, by their name."""
    return _table(_SETTINGS_HEADS, [_settings_row(setting) for setting in _by_name(FXA_SETTINGS)])


def metrics_table() -> str:
    """Markdown table of what is measured and counted, in the order of the code."""
    rows = [(f"`{metric.name}`", metric.type, metric.help) for metric in METRICS]
    return _table(("name, after the prefix", "type", "meaning"), rows)


def log_fields_table() -> str:
    """Markdown table of what the summary of a request holds, in the order of the code."""
    rows = [(f"`{field.name}`", field.given, field.help) for field in FIELDS]
    return _table(("field", "given", "meaning"), rows)


def secret_names_table() -> str:
    """Markdown table of the names by which the log knows a secret."""
    rows = [
        ("any, when it holds", ", ".join(f"`{word}`" for word in SECRET_WORDS)),
        (
            "a URL's parameter, when the last part of it is",
            ", ".join(f"`{p}`" for p in SECRET_PARAMETERS),
        ),
    ]
    return _table(("name", "words"), rows)


def _by_name(settings: Iterable[Setting]) -> Sequence[Setting]:
    return sorted(settings, key=lambda setting: setting.name.replace("<", "~"))


def _settings_row(setting: Setting) -> tuple[str, ...]:
    names = f"`{setting.name}`"
    if not setting.is_pattern:
        names += f"<br>`{environment_name(PREFIX + setting.name)}`"
    return names, _default(setting.default), setting.unit, setting.help.replace("``", "`")


def _default(value: Any) -> str:
    """Value as an ``.ini`` file would have it."""
    if value is NO_DEFAULT:
        return "not set"
    if value in (None, ""):
        return "empty" if value == "" else "none"
    if isinstance(value, tuple):
        return "<br>".join(f"`{item}`" for item in value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    cells = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in cells)


TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "errors": errors_table,
    "fxa_settings": fxa_settings_table,
    "log_fields": log_fields_table,
    "metrics": metrics_table,
    "secret_names": secret_names_table,
    "settings": settings_table,
}


def fill_in(text: str) -> str:
    """Text of a page with its tables. Raises ``KeyError`` for one that we cannot make."""
    return MARKER.sub(lambda found: TABLES[found[1]](), text)


def setup(app: Any) -> dict[str, bool]:
    """Fill in each page as Sphinx reads it."""
    app.connect("source-read", _on_source_read)
    return {"parallel_read_safe": True}


def _on_source_read(app: Any, page: str, source: list[str]) -> None:
    source[0] = fill_in(source[0])
