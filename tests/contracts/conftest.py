"""Tests whose lines are not counted, as the contracts pass through the same."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def uncounted(cov: Any) -> Iterator[None]:
    """Coverage is not measured in the test; ``cov`` is None where it is measured nowhere.

    The marker of pytest-cov for this fails with ``--no-cov``.
    """
    if cov is not None:
        cov.stop()
    yield
    if cov is not None:
        cov.start()
