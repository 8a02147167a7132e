"""Many batches whose creations are sent together: at once, and of whatever else there is in a batch."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cliquet_like.testing.app import sign_in
from tests.batching import BOOKMARKS, NOTES, Maker, batch, half, makers, post, texts

pytestmark = pytest.mark.once

IDS = [f"6ba7b810-9dad-41d1-80b4-00c04fd430c{number}" for number in range(3)]


@pytest.fixture
def make(postgresql_url: str) -> Iterator[Maker]:
    yield from makers(postgresql_url)


def test_batches_at_once_have_timestamps_of_their_own(make: Maker) -> None:
    app = make()

    def send(number: int) -> list[int]:
        answers = batch(app, *(post(f"{number} {position}") for position in range(10)))
        return [answer["body"]["data"]["last_modified"] for answer in answers]

    with ThreadPoolExecutor(4) as threads:
        stamps = list(threads.map(send, range(20)))

    assert all(each == sorted(each) for each in stamps)
    assert len({stamp for each in stamps for stamp in each}) == len(texts(app)) == 200


@pytest.mark.parametrize("seed", range(6))
def test_any_batch_is_answered_as_on_a_database_that_defers_nothing(make: Maker, seed: int) -> None:
    chance = random.Random(seed)
    deferring = make()
    at_once = sign_in(make(**{"retry.attempts": "1"}), "bob")

    def any_request() -> dict[str, Any]:
        record = f"{NOTES}/{chance.choice(IDS)}"
        text = str(chance.random())
        return chance.choice(
            [
                *[post(text)] * 6,
                post(text, id=record[-36:]),
                half(chance.choice(["success", "raised 409"])),
                post(f"http://{chance.randrange(4)}/", BOOKMARKS),
                {"path": f"{NOTES}?_sort=text"},
                {"path": record},
                {"method": "PUT", "path": record, "body": {"data": {"text": text}}},
                {"method": "PATCH", "path": record, "body": {"data": {"more": text}}},
                {"method": "DELETE", "path": record},
                {"method": "DELETE", "path": f"{NOTES}?_limit=2&_sort=text"},
            ]
        )

    for _ in range(5):
        requests = [any_request() for _ in range(25)]

        answers = [batch(app, *requests) for app in (deferring, at_once)]

        assert _comparable(answers[0]) == _comparable(answers[1])
        assert sorted(texts(deferring)) == sorted(texts(at_once))


def _comparable(answers: list[Any]) -> list[Any]:
    """Status, texts and number of records of each answer."""
    found = []
    for answer in answers:
        data = answer["body"].get("data") if isinstance(answer["body"], dict) else None
        records = data if isinstance(data, list) else [data or {}]
        found.append((answer["status"], [record.get("text") for record in records]))
    return found
