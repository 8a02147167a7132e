"""Which origins are allowed."""

import pytest

from cliquet_like.web.cors import allowed_origin


@pytest.mark.parametrize(
    ("patterns", "allowed"),
    [
        (["*"], "*"),
        (["https://other.example", "*"], "*"),
        (["https://a.example"], "https://a.example"),
        (["https://*.example"], "https://a.example"),
        (["https://A.example"], None),
        ([], None),
    ],
)
def test_an_origin_is_compared_with_each_pattern(patterns, allowed):
    assert allowed_origin("https://a.example", patterns) == allowed
