"""JSON of views that leave their result to a renderer."""

import json
from collections.abc import Callable
from typing import Any

from cornice.renderer import CorniceRenderer
from pyramid.renderers import JSON

from cliquet_like.kernel.codec import dumps_text


def setup_json_serializer(config: Any) -> None:
    """Step: the renderers ``json`` and ``cornicejson`` write as the rest of the library does."""
    config.add_renderer("json", JSON(serializer=_serialize))
    config.add_renderer("cornicejson", CorniceRenderer(serializer=_serialize))


def _serialize(value: Any, *, default: Callable[[Any], Any], **kw: Any) -> str:
    try:
        return dumps_text(value)
    except TypeError:
        # Objects with ``__json__`` or with an adapter: only the standard library asks ``default``.
        return json.dumps(value, default=default, **kw)
