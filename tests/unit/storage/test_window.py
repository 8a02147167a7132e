import pytest

from cliquet_like.storage.query import COMPARISON, Filter
from cliquet_like.storage.window import Window, split_filters, window_of_rules

EQ, LT, GT = COMPARISON.EQ, COMPARISON.LT, COMPARISON.GT


@pytest.mark.parametrize(
    ("operator", "window"),
    [
        ("EQ", Window(5, 5)),
        ("LT", Window(high=4)),
        ("MAX", Window(high=5)),
        ("GT", Window(low=6)),
        ("MIN", Window(low=5)),
    ],
)
def test_a_filter_on_the_timestamp_becomes_a_window(operator, window):
    assert split_filters([Filter("t", 5, COMPARISON[operator])], "t") == (window, [])


@pytest.mark.parametrize(
    "condition",
    [
        Filter("t", 5, COMPARISON.NOT),
        Filter("t", [5], COMPARISON.IN),
        Filter("t", "5", EQ),
        Filter("t", 5.0, LT),
        Filter("t", True, GT),
        Filter("other", 5, EQ),
    ],
)
def test_another_filter_is_left_as_it_is(condition):
    assert split_filters([condition], "t") == (Window(), [condition])


def test_several_filters_narrow_the_window():
    assert split_filters([Filter("t", 5, GT), Filter("t", 9, LT)], "t")[0] == Window(6, 8)
    assert split_filters(None, "t") == (Window(), [])


def test_the_window_of_rules_holds_every_group():
    rules = [[Filter("t", 5, LT)], [Filter("t", 5, EQ), Filter("id", "x", LT)]]

    assert window_of_rules(rules, "t") == Window(high=5)
    assert window_of_rules([[Filter("t", 5, EQ)], [Filter("t", 9, EQ)]], "t") == Window(5, 9)
    assert window_of_rules([*rules, [Filter("id", "x", LT)]], "t") == Window()
    assert window_of_rules(None, "t") == Window()
