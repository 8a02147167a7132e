import math

import pytest
from pyramid.exceptions import ConfigurationError

from cliquet_like.drivers.optional import import_driver


def test_a_driver_that_is_there_is_its_module():
    assert import_driver("math", extra="numbers", setting="storage_backend") is math


def test_a_missing_driver_is_refused_with_the_setting_and_the_extra():
    with pytest.raises(ConfigurationError) as refusal:
        import_driver("cliquet_like.no_such_driver", extra="numbers", setting="storage_backend")

    assert "Setting storage_backend:" in str(refusal.value)
    assert "cliquet-like[numbers]" in str(refusal.value)
