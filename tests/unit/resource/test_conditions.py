import pytest

from cliquet_like.resource.conditions import (
    UNCONDITIONAL,
    Conditions,
    InvalidCondition,
    Verdict,
    judge,
    parse_conditions,
)


def test_no_headers_are_no_conditions() -> None:
    conditions = parse_conditions({})

    assert conditions is UNCONDITIONAL
    assert judge(conditions, current=None, safe=True) is Verdict.PROCEED


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
def test_a_header_that_cannot_be_read_is_named(header: str) -> None:
    with pytest.raises(InvalidCondition, match=f"Invalid value for {header}") as caught:
        parse_conditions({header: "abc"})

    assert caught.value.header == header


@pytest.mark.parametrize(
    ("headers", "current", "safe", "verdict"),
    [
        ({"If-Match": '"1"'}, 1, False, Verdict.PROCEED),
        ({"If-Match": '"1"'}, 2, False, Verdict.FAILED),
        ({"If-Match": '"1"'}, 2, True, Verdict.FAILED),
        ({"If-Match": '"1"'}, None, False, Verdict.FAILED),
        ({"If-Match": '"1", "2"'}, 2, False, Verdict.PROCEED),
        ({"If-Match": 'W/"1"'}, 1, False, Verdict.FAILED),
        ({"If-Match": "*"}, 1, False, Verdict.PROCEED),
        ({"If-Match": "*"}, None, False, Verdict.FAILED),
        ({"If-None-Match": "*"}, 1, False, Verdict.FAILED),
        ({"If-None-Match": "*"}, 1, True, Verdict.NOT_MODIFIED),
        ({"If-None-Match": "*"}, None, False, Verdict.PROCEED),
        ({"If-None-Match": '"1"'}, 1, True, Verdict.NOT_MODIFIED),
        ({"If-None-Match": 'W/"1"'}, 1, True, Verdict.NOT_MODIFIED),
        ({"If-None-Match": '"1"'}, 1, False, Verdict.FAILED),
        ({"If-None-Match": '"1"'}, 2, True, Verdict.PROCEED),
        ({"If-Match": '"1"', "If-None-Match": "*"}, 1, False, Verdict.FAILED),
        ({"If-Match": '"1"', "If-None-Match": '"1"'}, 1, True, Verdict.NOT_MODIFIED),
        ({"If-Match": '"2"', "If-None-Match": '"1"'}, 1, True, Verdict.FAILED),
    ],
)
def test_verdicts_follow_the_order_of_rfc_9110(
    headers: dict[str, str], current: int | None, safe: bool, verdict: Verdict
) -> None:
    conditions = parse_conditions(headers)

    assert judge(conditions, current=current, safe=safe) is verdict


def test_only_a_star_asks_for_absence() -> None:
    assert parse_conditions({"If-None-Match": "*"}).only_if_absent
    assert not parse_conditions({"If-None-Match": '"1"'}).only_if_absent
    assert not Conditions().only_if_absent
