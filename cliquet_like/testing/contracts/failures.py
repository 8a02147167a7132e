"""What the contracts of failures share: every call of a backend whose server cannot be reached."""
# ruff: noqa: D102 - the name of a test is its sentence

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.guard import Ping

Backend = TypeVar("Backend")


class FailuresContract(Generic[Backend]):
    """A failing server leaves every method as ``BackendError``; a subclass says what the methods are."""

    calls: ClassVar[Mapping[str, Callable[[Any], Any]]]
    """Every call of a backend that asks its server, by its name."""
    make_ping: ClassVar[Callable[..., Ping]]
    """The ``heartbeat`` of this kind of backend."""

    def make_failing_backend(self) -> Backend:
        """Hook: a backend whose server cannot be reached. Making it must succeed."""
        raise NotImplementedError

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a test that asks for a ``call_name`` with each of them."""
        if "call_name" in metafunc.fixturenames:
            metafunc.parametrize("call_name", self.calls)

    def test_every_method_raises_backend_error(self, call_name: str) -> None:
        backend = self.make_failing_backend()

        with pytest.raises(BackendError):
            self.calls[call_name](backend)

    @pytest.mark.parametrize("chance", [0.0, 0.9])
    def test_the_heartbeat_answers_false(self, chance: float) -> None:
        ping = self.make_ping(self.make_failing_backend(), chance=lambda: chance)

        assert ping(_Request()) is False


class _Registry:
    settings: ClassVar[Mapping[str, Any]] = {}


class _Request:
    registry = _Registry()
