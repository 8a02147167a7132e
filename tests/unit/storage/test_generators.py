import uuid

import pytest

from cliquet_like.storage.generators import UUID4, Generator


class Fixed(Generator):
    def __init__(self, generated):
        self.generated = generated
        super().__init__()

    def __call__(self):
        return self.generated


@pytest.mark.parametrize("object_id", ["a", "7", "A-b_c", "a" * 255, "0033"])
def test_letters_digits_dashes_and_underscores_are_an_id(object_id):
    assert Fixed("a").match(object_id)


@pytest.mark.parametrize(
    "object_id", ["", "_a", "-a", "a b", "a/b", "é", "a\n", "\na", "٣", "a" * 256, None, 7, b"a", ["a"]]
)
def test_anything_else_is_not(object_id):
    assert not Fixed("a").match(object_id)


@pytest.mark.parametrize("generated", ["_a", "", None, 5, "a" * 256])
def test_a_generator_that_does_not_match_itself_cannot_be_made(generated):
    with pytest.raises(AssertionError, match="does not match"):
        Fixed(generated)


def test_the_base_generates_nothing():
    with pytest.raises(NotImplementedError):
        Generator()


def test_uuids_are_new_each_time_and_match():
    generator = UUID4(config="kept")

    ids = {generator() for _ in range(10)}

    assert len(ids) == 10
    assert all(generator.match(object_id) for object_id in ids)
    assert generator.config == "kept"


def test_a_uuid_is_a_random_one_as_the_standard_library_reads_it():
    generator = UUID4()

    made = [generator() for _ in range(200)]

    parsed = [uuid.UUID(text) for text in made]
    assert {(each.version, each.variant) for each in parsed} == {(4, uuid.RFC_4122)}
    assert [str(each) for each in parsed] == made
    assert {text[19] for text in made} == set("89ab")


@pytest.mark.parametrize(
    ("object_id", "accepted"),
    [
        ("00000000-0000-0000-0000-000000000000", True),
        ("d40f8b2e-5a0c-11ee-8c99-0242ac120002", True),
        ("D40F8B2E-5A0C-11EE-8C99-0242AC120002", False),
        ("d40f8b2e5a0c11ee8c990242ac120002", False),
        ("d40f8b2e-5a0c-11ee-8c99-0242ac120002\n", False),
        ("abc", False),
    ],
)
def test_a_uuid_of_any_version_is_accepted_in_lower_case(object_id, accepted):
    assert UUID4().match(object_id) is accepted
