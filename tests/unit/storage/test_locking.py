from cliquet_like.storage.postgresql.locking import Key, Lock, locks_before

A, B, C, D = (Key("parent", name) for name in "abcd")


def test_the_first_lock_is_waited_for():
    assert locks_before(B, [], []) == [Lock(B, waits=True)]


def test_what_is_locked_is_not_locked_again():
    assert locks_before(B, [A, B], [B, C]) == []


def test_a_collection_behind_all_others_is_waited_for():
    assert locks_before(C, [B, A], []) == [Lock(C, waits=True)]


def test_a_collection_before_another_is_not_waited_for():
    assert locks_before(A, [B], []) == [Lock(A, waits=False)]


def test_another_attempt_begins_with_all_that_was_touched_in_order():
    assert locks_before(B, [], [D, A, B]) == [Lock(A, True), Lock(B, True), Lock(D, True)]
    assert locks_before(C, [A, B, D], [D, A, B]) == [Lock(C, waits=False)]
