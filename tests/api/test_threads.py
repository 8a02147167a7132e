"""Eight threads on the memory backend: nothing is lost, no two writes share a timestamp."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from webtest import TestApp

from cliquet_like.testing.contracts.threads import THREADS, in_threads


def test_every_acknowledged_creation_is_there_with_its_own_timestamp(app: TestApp) -> None:
    def create(worker: int) -> list[dict[str, Any]]:
        return [app.post_json("/v1/notes", {"data": {"n": n}}).json["data"] for n in range(20)]

    created = [record for records in in_threads(create) for record in records]

    listed = app.get("/v1/notes").json["data"]
    assert sorted(record["id"] for record in listed) == sorted(record["id"] for record in created)
    assert len({record["last_modified"] for record in created}) == THREADS * 20


def test_timestamps_increase_for_each_writer(app: TestApp) -> None:
    def create(worker: int) -> bool:
        times = [app.post_json("/v1/notes", {"data": {}}).json["data"]["last_modified"] for _ in range(20)]
        return times == sorted(set(times))

    assert all(in_threads(create))


def test_a_counter_under_if_match_loses_no_update(app: TestApp) -> None:
    path = "/v1/notes/00000000-0000-4000-8000-000000000001"
    app.put_json(path, {"data": {"count": 0}})

    def increment(worker: int) -> int:
        done = 0
        while done < 10:
            read = app.get(path)
            body = {"data": {"count": read.json["data"]["count"] + 1}}
            answer = app.put_json(path, body, headers={"If-Match": read.headers["ETag"]}, status="*")
            assert answer.status_code in (200, 412)
            done += answer.status_code == 200
        return done

    acknowledged = sum(in_threads(increment))

    assert app.get(path).json["data"]["count"] == acknowledged == THREADS * 10


def test_changes_of_different_fields_without_a_condition_are_all_kept(app: TestApp) -> None:
    path = "/v1/notes/00000000-0000-4000-8000-000000000001"
    app.put_json(path, {"data": {}})

    def change(worker: int) -> None:
        for n in range(10):
            app.patch_json(path, {"data": {f"f{worker}": n}}, status=200)

    in_threads(change)

    record = app.get(path).json["data"]
    assert {f"f{worker}": 9 for worker in range(THREADS)}.items() <= record.items()


def test_exactly_one_creates_if_nothing_is_there(app: TestApp) -> None:
    path = "/v1/notes/00000000-0000-4000-8000-000000000001"

    def create(worker: int) -> int:
        answer = app.put_json(path, {"data": {}}, headers={"If-None-Match": "*"}, status="*")
        return int(answer.status_code)

    assert sorted(in_threads(create)) == [201] + [412] * (THREADS - 1)


def test_a_unique_value_has_one_owner(app: TestApp) -> None:
    def create(worker: int) -> int:
        return int(app.post_json("/v1/bookmarks", {"data": {"url": "http://x/"}}).status_code)

    assert sorted(in_threads(create)) == [200] * (THREADS - 1) + [201]


def test_a_poller_misses_no_change(app: TestApp) -> None:
    writing = [True]

    def write(worker: int) -> set[str]:
        return {app.post_json("/v1/notes", {"data": {}}).json["data"]["id"] for _ in range(20)}

    def poll() -> set[str]:
        seen: set[str] = set()
        tag = '"0"'
        while True:
            last_look = not writing[0]
            answer = app.get(f"/v1/notes?_since={tag}")
            seen |= {record["id"] for record in answer.json["data"]}
            tag = answer.headers["ETag"]
            if last_look:
                return seen

    with ThreadPoolExecutor(1) as pool:
        polled = pool.submit(poll)
        created = set().union(*in_threads(write))
        writing[0] = False

    assert polled.result() == created


def test_mixed_writes_of_one_record_never_fail(app: TestApp) -> None:
    path = "/v1/notes/00000000-0000-4000-8000-000000000001"

    def write(worker: int) -> set[int]:
        statuses = set()
        for n in range(8):
            statuses |= {
                app.put_json(path, {"data": {"n": n}}, status="*").status_code,
                app.patch_json(path, {"data": {"n": worker}}, status="*").status_code,
                app.delete(path, status="*").status_code,
            }
        return statuses

    assert set().union(*in_threads(write)) <= {200, 201, 404}
