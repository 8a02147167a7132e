"""Endpoints of a record: read, replace, change, delete."""

from dataclasses import replace
from typing import Any, NoReturn

from cliquet_like.events.actions import ACTIONS
from cliquet_like.kernel.dicts import copy_deeply, merge_patch
from cliquet_like.resource.conditions import UNCONDITIONAL, Conditions
from cliquet_like.resource.core import ResourceCore, is_plausible_timestamp
from cliquet_like.resource.model import Model
from cliquet_like.resource.query import QueryError, parse_fields, parse_timestamp
from cliquet_like.resource.refusals import raise_conflict, raise_modified_meanwhile, raise_not_found
from cliquet_like.resource.representation import behave, changed_fields, is_same, parse_behavior, project
from cliquet_like.resource.viewset.base import MERGE_PATCH
from cliquet_like.storage.exceptions import ModifiedMeanwhileError, RecordNotFoundError, UnicityError
from cliquet_like.storage.query import COMPARISON, Filter, Record

Body = dict[str, Any]


class RecordEndpoints(ResourceCore):
    """GET, PUT, PATCH and DELETE of a record."""

    def get(self) -> Body:
        """The record, or its ``_fields``. Raises 304, 400, 404, 412."""
        self._refuse_bad_id(self.record_id)
        record = self._get_or_404()
        timestamp = record[self.model.modified_field]
        self._refuse_by(self._conditions(), current=timestamp, existing=record, safe=True)
        self._say_of_reading(timestamp)
        fields = self._projected_fields()
        if fields:
            return self.postprocess(project(record, fields, self._own_fields))
        return self.postprocess(self._annotated(record))

    def put(self) -> Body:
        """Replace the record (200) or create it (201). Raises 400, 409, 412."""
        self._refuse_bad_id(self.record_id)
        self._refuse_other_id()
        self._refuse_bad_timestamp(self.request.validated["data"])
        conditions = self._conditions()
        return self._retry(lambda: self._try_put(conditions))

    def patch(self) -> Body:
        """Change fields of the record, at the first level. Raises 400, 404, 409, 412.

        When nothing changes, nothing is written and the timestamp stays.
        """
        self._refuse_bad_id(self.record_id)
        self._refuse_other_id()
        changes = self._changes()
        self._refuse_bad_timestamp(changes)
        conditions = self._conditions()
        return self._retry(lambda: self._try_patch(conditions, dict(changes)))

    def delete(self) -> Body:
        """Delete the record; answers its tombstone. Raises 400, 404, 412."""
        self._refuse_bad_id(self.record_id)
        last_modified = self._wanted_deletion_time()
        conditions = self._conditions()
        tombstone = self._retry(lambda: self._try_delete(conditions, last_modified))
        self._say_timestamp(tombstone[self.model.modified_field])
        return self.postprocess(tombstone, action=ACTIONS.DELETE)

    # Replace

    def _try_put(self, conditions: Conditions) -> Body:
        replaced = self._replaced() if conditions == UNCONDITIONAL else None
        if replaced is not None:
            return self._answer_put(*replaced)
        existing = self._find()
        if existing is None:
            conditions = self._judge_tombstone(conditions)
        current = existing[self.model.modified_field] if existing else None
        self._refuse_by(conditions, current=current, existing=existing)
        new = self._replacement(existing)
        processed = self.process_record(new, old=existing)
        processed[self.model.id_field] = self.record_id
        return self._answer_put(self._store(processed, existing), existing)

    def _answer_put(self, record: Record, existing: Record | None) -> Body:
        self._say_timestamp(record[self.model.modified_field])
        if existing is None:
            self.request.response.status_code = 201
            return self.postprocess(record, action=ACTIONS.CREATE)
        return self.postprocess(record, action=ACTIONS.UPDATE, old=existing)

    def _replaced(self) -> tuple[Record, Record | None] | None:
        """What is stored now and what was there before, in one step.

        None where something has to know before what is there: a hook, a read-only or unique field, a
        timestamp of the client.
        """
        new = {**self.request.validated["data"], self.model.id_field: self.record_id}
        if (
            getattr(self.process_record, "__func__", None) is not ResourceCore.process_record
            or self._option("readonly_fields")
            or self._option("unique_fields")
            or self.model.modified_field in new
            # A model of the application may have a method of that name.
            or getattr(type(self.model), "replace_record", None) is not Model.replace_record
        ):
            return None
        return self._write(self.model.replace_record, new)

    def _replacement(self, existing: Record | None) -> Record:
        """The sent record; a read-only field that was not sent stays as it is."""
        # A copy for each attempt: ``process_record`` may change what is inside.
        new: Record = copy_deeply(self.request.validated["data"])
        if existing is None:
            return new
        sent = self._sent_data()
        for field in self._option("readonly_fields"):
            if field in sent and not is_same(new.get(field), existing.get(field)):
                self._refuse_field(f"data.{field}", f"Cannot modify {field}")
            new.pop(field, None)
            if field in existing:
                new[field] = existing[field]
        return self._with_later_timestamp(new, existing)

    def _judge_tombstone(self, conditions: Conditions) -> Conditions:
        """What is left of the conditions when nothing lives here.

        An ``If-Match`` that names the tombstone's timestamp holds: nothing happened since.
        """
        if conditions.if_match is None:
            return conditions
        same_id = Filter(self.model.id_field, self.record_id, COMPARISON.EQ)
        found, _ = self.model.get_records(filters=[same_id], include_deleted=True)
        for tombstone in found:
            buried = tombstone[self.model.modified_field]
            if buried not in conditions.if_match.strong:
                raise_modified_meanwhile(buried, None)
            return replace(conditions, if_match=None)
        return conditions

    # Change

    def _try_patch(self, conditions: Conditions, changes: Record) -> Body:
        existing = self._get_or_404()
        timestamp = existing[self.model.modified_field]
        self._refuse_by(conditions, current=timestamp, existing=existing)
        updated = self._with_later_timestamp(self._changed(existing, changes), existing)
        new = self.process_record(updated, old=existing)
        new[self.model.id_field] = self.record_id
        changed = changed_fields(existing, new, ignored=self._own_fields)
        if changed or self.force_patch_update or self.model.modified_field in new:
            record = self._store(new, existing)
        else:
            record = existing
        self._say_timestamp(record[self.model.modified_field])
        behavior = parse_behavior(self.request.headers.get("Response-Behavior"))
        body = self.postprocess(record, action=ACTIONS.UPDATE, old=existing)
        if "data" in body:
            body["data"] = behave(behavior, body["data"], changed=changed, sent=changes)
        return body

    def _changes(self) -> Record:
        """What was sent, without our own fields where the schema does not keep them."""
        own = {self.model.id_field, self.model.deleted_field}
        if not self._keeps_timestamp:
            own.add(self.model.modified_field)
        return {name: value for name, value in self._sent_data().items() if name not in own}

    def _changed(self, existing: Record, changes: Record) -> Record:
        """Record with the changes; a merge patch goes inside of objects, and null removes (RFC 7396)."""
        media_type = self.request.headers.get("Content-Type", "").partition(";")[0]
        if media_type.strip().lower() != MERGE_PATCH:
            return self.apply_changes(existing, changes)
        merged: Record = merge_patch(existing, changes)
        readonly = self._option("readonly_fields")
        for field in existing.keys() - merged.keys():
            if field in readonly:
                self._refuse_field(f"data.{field}", f"Cannot modify {field}")
        kept = {field: value for field, value in existing.items() if field in merged}
        return self.apply_changes(kept, {field: merged[field] for field in changes if field in merged})

    def _with_later_timestamp(self, new: Record, existing: Record) -> Record:
        """A timestamp that is not later than the stored one is replaced by a new one."""
        name = self.model.modified_field
        if name in new and (not is_plausible_timestamp(new[name]) or new[name] <= existing[name]):
            del new[name]
        return new

    # Delete

    def _try_delete(self, conditions: Conditions, last_modified: int | None) -> Record:
        id_only = {self.model.id_field: self.record_id}
        expected = None
        if conditions.if_match or conditions.if_none_match:
            existing = self._get_or_404()
            expected = existing[self.model.modified_field]
            self._refuse_by(conditions, current=expected, existing=existing)
        try:
            return self._write(
                self.model.delete_record, id_only, last_modified=last_modified, expected=expected
            )
        except RecordNotFoundError:
            raise_not_found()

    def _wanted_deletion_time(self) -> int | None:
        """Time of ``?last_modified=N``, in quotes or not; None when it is not given."""
        text = self._parameter(self.model.modified_field)
        if text is None:
            return None
        name = self.model.modified_field
        try:
            wanted = parse_timestamp(name, text)
        except QueryError as error:
            self._refuse_field(error.name, error.description, error.location)
        if wanted != 0 and not is_plausible_timestamp(wanted):
            description = "Should be milliseconds since 1970, at most one day ahead"
            self._refuse_field(name, description, "querystring")
        return wanted

    # Shared

    def _find(self) -> Record | None:
        assert self.record_id is not None
        try:
            return self.model.get_record(self.record_id)
        except RecordNotFoundError:
            return None

    def _get_or_404(self) -> Record:
        record = self._find()
        if record is None:
            raise_not_found()
        return record

    def _store(self, record: Record, existing: Record | None) -> Record:
        """Write on condition that nothing changed since ``existing`` was read."""
        unique_fields = self._option("unique_fields")
        record = self._for_model(record)
        try:
            if existing is None:
                return self._write(self.model.create_record, record, unique_fields=unique_fields)
            expected = existing[self.model.modified_field]
            return self._write(
                self.model.update_record, record, unique_fields=unique_fields, expected=expected
            )
        except UnicityError as error:
            if error.field == self.model.id_field:
                raise ModifiedMeanwhileError from error
            self._refuse_conflict(error)

    def _refuse_conflict(self, error: UnicityError) -> NoReturn:
        raise_conflict(error, self.model.id_field)

    def _refuse_other_id(self) -> None:
        """The id in the body, if there is one, is the id in the path."""
        name = self.model.id_field
        sent = self._sent_data()
        if name in sent and sent[name] != self.record_id:
            self._refuse_field(f"data.{name}", "Record id does not match existing record")

    def _projected_fields(self) -> tuple[str, ...]:
        text = self._parameter("_fields")
        if not text:
            return ()
        try:
            return parse_fields(text, self.is_known_field)
        except QueryError as error:
            self._refuse_field(error.name, error.description, error.location)

    def _parameter(self, name: str) -> str | None:
        if getattr(self.request, "query_string", None) == "":
            return None
        try:
            text: str | None = self.request.GET.get(name)
        except UnicodeDecodeError:
            self._refuse_field("querystring", "The query string is not UTF-8", "querystring")
        return text
