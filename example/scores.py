"""The scores of a game: a service of our own beside the resources."""

from typing import Any

import colander
from pyramid.request import Request

from cliquet_like import Service
from cliquet_like.authorization import PRIVATE

score = Service(name="score", path="/score/{game:[A-Za-z0-9_-]{1,64}}", description="Store game score")


class ScoreSchema(colander.MappingSchema):
    """One result. The unit is the game's; no negative points, and no more than 32 bits hold."""

    score = colander.SchemaNode(colander.Integer(strict=True), validator=colander.Range(0, 2**31 - 1))


@score.post(schema=ScoreSchema(), content_type=["application/json"], permission=PRIVATE)
def post_score(request: Request) -> dict[str, Any]:
    """The stored score with its id and timestamp. Each user has a list of their own per game."""
    record: dict[str, Any] = request.registry.storage.create(
        collection_id="scores-" + request.matchdict["game"],
        parent_id=request.prefixed_userid,
        record=request.validated,
    )
    request.response.status_code = 201
    return record
