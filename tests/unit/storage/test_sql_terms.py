from cliquet_like.storage.sql.terms import FALSE, Nowhere, Values


def test_what_is_nowhere_equals_nothing_and_has_no_place():
    bind = Values(":{}", lambda column, values, bind: "")

    assert Nowhere().among([1, None], bind) == FALSE
    assert Nowhere().keys(bind) == Nowhere().position(None, bind) == []
    assert bind.named == {}
