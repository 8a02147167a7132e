"""Whether somebody has a permission: by the settings, by entries, or on records of a list only."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pyramid.settings import aslist

from cliquet_like.authorization.knowledge import Knowledge
from cliquet_like.authorization.names import READ, WRITE
from cliquet_like.authorization.objects import ANY_RECORD, record_id_in
from cliquet_like.authorization.principals import Principals
from cliquet_like.permission.access import BoundPermissions, Pairs, Permissions, bound_pairs, matches


class Question(NamedTuple):
    """A permission, who may have it, and what includes it."""

    permission: str
    principals: Collection[str]
    bound: BoundPermissions | None = None

    def pairs(self, object_id: str) -> Pairs:
        """Pairs that answer it for an object, or a pattern of objects."""
        return bound_pairs(object_id, self.permission, self.bound or _including_write)


class Decision:
    """Answers questions about the objects of one resource, or of a service that is none."""

    def __init__(
        self, request: Any, resource_name: str | None, object_id: Callable[[str | None], str]
    ) -> None:
        """Ask nobody yet; ``object_id`` gives the id of the request's object, or of a record."""
        self._settings = request.registry.settings
        self._resource_name = resource_name
        self._object_id = object_id
        self.knowledge = Knowledge(request)

    def principals_of_settings(self, permission: str | None) -> list[str]:
        """Principals of the setting ``<resource>_<permission>_principals``; if there are any, they decide."""
        if self._resource_name is None or permission is None:
            return []
        return list(aslist(self._settings.get(f"{self._resource_name}_{permission}_principals") or ""))

    def meets_setting(
        self,
        question: Question,
        deciding: Collection[str],
        *,
        besides: Sequence[str] = (),
        on_list: bool = False,
    ) -> bool:
        """Whether a setting names one of the principals in ``deciding``.

        Where it may name a group, what will be needed is asked for together with the groups: see
        :meth:`has_entry`.
        """
        principals = question.principals
        if isinstance(principals, Principals) and principals.known.isdisjoint(deciding):
            self.knowledge.learn(besides, principals)
            if on_list:
                self.knowledge.shared(question.pairs(self._object_id(ANY_RECORD)), principals)
        return is_any_in(deciding, principals)

    def has_entry(
        self, question: Question, object_id: str, *, besides: Sequence[str] = (), on_list: bool = False
    ) -> bool:
        """Whether one of the principals has the permission on the object, where no setting decides.

        The entries of the objects ``besides`` will be needed, and are asked for too; so is, for a
        list, what is shared of it. A setting for ``write`` includes ``read``, as an entry does.
        """
        pairs = question.pairs(object_id)
        patterns = question.pairs(self._object_id(ANY_RECORD)) if on_list else ()
        asked = [*besides, *(pair.object_id for pair in pairs)]
        self.knowledge.learn(asked, question.principals, patterns=patterns, unless=pairs)
        return self.knowledge.grants(pairs, question.principals) or self._writes_by_setting(question)

    def may_read(self, question: Question, object_id: str) -> bool:
        """Whether who asked for something else may read an object."""
        reading = question._replace(permission=READ)
        if deciding := self.principals_of_settings(READ):
            return is_any_in(deciding, reading.principals)
        return self.has_entry(reading, object_id)

    def ids_shared_with(self, question: Question) -> list[str]:
        """Ids of the collection's records on which one of the principals has the permission."""
        pattern = self._object_id(ANY_RECORD)
        found = self.knowledge.shared(question.pairs(pattern), question.principals)
        ids = (record_id_in(object_id, pattern) for object_id in found)
        return sorted({record_id for record_id in ids if record_id is not None})

    def shares_all(self, question: Question, records: Mapping[str, Permissions]) -> bool:
        """Whether these entries, by record id, would let :meth:`ids_shared_with` find all of the records."""
        principals = frozenset(question.principals)
        pairs = question.pairs(self._object_id(ANY_RECORD))
        return all(
            any(
                matches(self._object_id(record_id), pattern)
                and not principals.isdisjoint(entries.get(permission, ()))
                for pattern, permission in pairs
            )
            for record_id, entries in records.items()
        )

    def _writes_by_setting(self, question: Question) -> bool:
        if question.permission != READ or question.bound is not None:
            return False
        return is_any_in(self.principals_of_settings(WRITE), question.principals)


def is_any_in(deciding: Iterable[str], principals: Collection[str]) -> bool:
    """Whether one of those who decide is among the principals, whose groups are looked for last."""
    return any(principal in principals for principal in deciding)


def _including_write(object_id: str, permission: str) -> Sequence[tuple[str, str]]:
    """Who may write an object may read it: the answer to a write shows it anyway."""
    pairs = [(object_id, permission)]
    return [*pairs, (object_id, WRITE)] if permission == READ else pairs
