"""What requests leave behind when they have ended."""

import gc
from collections.abc import Callable, Iterator
from typing import Any
from weakref import ref

import pytest
from webtest import TestApp

Ask = Callable[[TestApp], Any]

NOTES = "/v1/notes"
BATCH = {
    "defaults": {"path": NOTES},
    "requests": [{"method": "POST", "body": {"data": {}}}, {"method": "GET"}],
}


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize(
    "ask",
    [
        lambda app: app.get("/v1/"),
        lambda app: app.get(NOTES),
        lambda app: app.post_json(NOTES, {"data": {}}),
        lambda app: app.post_json("/v1/batch", BATCH),
    ],
    ids=["hello", "list", "post", "batch"],
)
def test_a_request_is_gone_when_it_was_answered(app: TestApp, ask: Ask) -> None:
    router = app.app
    make = router.request_context
    requests: list[ref[Any]] = []

    def remembering(environ: dict[str, Any]) -> Any:
        context = make(environ)
        requests.append(ref(context.request))
        return context

    router.request_context = remembering
    ask(app)

    assert [request() for request in requests] == [None]
