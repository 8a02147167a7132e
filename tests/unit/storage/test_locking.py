from cliquet_like.storage.postgresql.locking import Key, Lock, Plan, plan_locks

A, B, C, D = (Key(parent, name) for parent in ("ada", "bob") for name in ("books", "notes"))


def plan(*locks, parents=()):
    return Plan(list(parents), list(locks))


def test_the_first_lock_is_waited_for():
    assert plan_locks(B, [], []) == plan(Lock(B, waits=True))


def test_what_is_locked_is_not_locked_again():
    assert plan_locks(B, [A, B], [B, C]) == plan()


def test_a_collection_behind_all_others_is_waited_for():
    assert plan_locks(C, [B, A], []) == plan(Lock(C, waits=True))


def test_a_collection_before_another_is_not_waited_for():
    assert plan_locks(A, [B], []) == plan(Lock(A, waits=False))


def test_another_attempt_begins_with_all_of_the_parents_that_were_touched():
    locks = [Lock(A, waits=True), Lock(B, waits=True), Lock(D, waits=True)]

    assert plan_locks(B, [], [D, A, B]) == plan(*locks, parents=["ada", "bob"])
    assert plan_locks(C, [A, B, D], [D, A, B]) == plan(Lock(C, waits=False))
