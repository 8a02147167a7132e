"""A client of metrics that somebody else wrote: what it raises harms no request."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from cliquet_like.kernel.metrics import Batching, Metrics
from cliquet_like.kernel.stand_in import StandIn
from cliquet_like.logs import logger


class Harmless(StandIn):
    """Stand-in for a client: what its methods raise is logged the first time, and None is the answer.

    What happens inside of a timer is not the client's: an exception from there passes, as it is.
    """

    __slots__ = ()

    def __init__(self, client: Metrics) -> None:
        calls = _Calls(client)
        names = ("count", "hold", "send") if isinstance(client, Batching) else ("count",)
        methods = {name: partial(calls.attempt, client, name) for name in names}
        super().__init__(client, {"timer": calls.timer, **methods})


class _Calls:
    def __init__(self, client: Metrics) -> None:
        self._client = client
        self._first_failure = threading.Lock()

    def attempt(self, subject: Any, method: str, *args: Any, **options: Any) -> Any:
        """Answer of a method; None when it raises, which is logged if nothing was before."""
        try:
            return getattr(subject, method)(*args, **options)
        except Exception:  # noqa: BLE001 - a client may raise anything, and the answer is stored already
            # Never released: one thread gets it, once.
            if self._first_failure.acquire(blocking=False):
                logger.exception("metrics failed, later failures are not logged")
            return None

    @contextmanager
    def timer(self, *args: Any, **options: Any) -> Iterator[Any]:
        """Context of the client's; what could not be opened is not closed either."""
        opened = ExitStack()
        timer = self.attempt(self._client, "timer", *args, **options)
        value = self.attempt(opened, "enter_context", timer)
        try:
            yield value
        except BaseException as failure:
            self.attempt(opened, "__exit__", type(failure), failure, failure.__traceback__)
            raise
        self.attempt(opened, "__exit__", None, None, None)
