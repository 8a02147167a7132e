import time

import pytest

from cliquet_like.kernel.clock import msec_time
from cliquet_like.kernel.deprecation import DeprecatedMeta, warn_deprecated
from cliquet_like.kernel.version import PROTOCOL_VERSION, __version__


def test_the_clock_gives_whole_milliseconds() -> None:
    before = time.time()

    now = msec_time()

    assert type(now) is int
    assert int(before * 1000) <= now <= time.time() * 1000


def test_a_retired_name_says_what_replaces_it_and_blames_the_user() -> None:
    def retired() -> None:
        warn_deprecated("old", use="new", removed_in="2.0")

    with pytest.warns(DeprecationWarning, match="old is deprecated, use new instead.*2.0") as caught:
        retired()

    assert caught[0].filename == __file__


def test_a_retired_class_warns_when_subclassed_and_when_instantiated() -> None:
    class Old(metaclass=DeprecatedMeta):
        __deprecation_warning__ = "Old is deprecated, use New."

    with pytest.warns(DeprecationWarning, match="use New"):

        class Sub(Old):
            pass

    with pytest.warns(DeprecationWarning, match="use New"):
        Old()
    with pytest.warns(DeprecationWarning, match="use New"):
        Sub()


def test_versions_are_texts() -> None:
    assert PROTOCOL_VERSION == "2"
    assert __version__.count(".") == 2
