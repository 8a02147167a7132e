import pytest

from cliquet_like.storage.exceptions import IntegrityError, UnicityError
from cliquet_like.storage.unicity import Claim, claims_of, refuse_taken


def test_claims_stand_as_the_fields_were_declared_without_the_id():
    record = {"id": "x", "a": 1, "b": {"c": ""}, "d": None}

    claims = claims_of(record, ("b.c", "id", "d", "e", "a"), id_field="id")

    assert claims == [Claim("b.c", ""), Claim("a", 1)]


def test_without_unique_fields_nothing_is_claimed():
    assert claims_of({"a": 1}, None, id_field="id") == []


def test_the_first_claim_that_is_taken_is_blamed():
    owners = {"b": {"id": "x"}, "c": {"id": "y"}}
    claims = [Claim("a", 1), Claim("b", 2), Claim("c", 3)]

    with pytest.raises(UnicityError) as refusal:
        refuse_taken(claims, lambda claim: owners.get(claim.field))

    assert (refusal.value.field, refusal.value.record) == ("b", {"id": "x"})
    assert isinstance(refusal.value, IntegrityError)


def test_claims_without_owners_pass():
    refuse_taken([Claim("a", 1)], lambda claim: None)
