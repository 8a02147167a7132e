"""Resources, each of which may refuse what it has written, in a way of its own."""

from typing import Any, Final

import colander
from pyramid.config.views import DefaultViewMapper
from pyramid.httpexceptions import HTTPConflict
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.threadlocal import get_current_request
from pyramid.view import view_config

from cliquet_like.events import ACTIONS
from cliquet_like.resource import BaseResource, Model, ResourceSchema, ViewSet, register

current_request = get_current_request


class Anything(ResourceSchema):
    class Options:
        preserve_unknown = True


def refuse(request: Any) -> None:
    """Raise HTTP 409 for a request that asks for it."""
    if "Refuse" in request.headers:
        raise HTTPConflict


@register()
class Plain(BaseResource):
    mapping = Anything()


@register()
class Answering(BaseResource):
    mapping = Anything()

    def postprocess(self, result: Any, action: ACTIONS = ACTIONS.READ, old: Any = None) -> dict[str, Any]:
        refuse(self.request)
        return super().postprocess(result, action=action, old=old)


@register()
class Deciding(BaseResource):
    """Decides in each request what looks at its answer."""

    mapping = Anything()

    def __init__(self, request: Any, context: Any = None) -> None:
        super().__init__(request, context)
        self.postprocess = self.answer  # type: ignore[method-assign]

    def answer(self, result: Any, action: ACTIONS = ACTIONS.READ, old: Any = None) -> dict[str, Any]:
        refuse(self.request)
        return {"data": result}


@register()
class Ending(BaseResource):
    """Has endpoints of its own."""

    mapping = Anything()

    def collection_post(self) -> Any:
        return self.after(super().collection_post())

    def collection_delete(self) -> Any:
        return self.after(super().collection_delete())

    def put(self) -> Any:
        return self.after(super().put())

    def patch(self) -> Any:
        return self.after(super().patch())

    def delete(self) -> Any:
        return self.after(super().delete())

    def after(self, body: Any) -> Any:
        refuse(self.request)
        return body


class Careful(Model):
    def create_record(self, *args: Any, **options: Any) -> Any:
        return self.after(super().create_record(*args, **options))

    def update_record(self, *args: Any, **options: Any) -> Any:
        return self.after(super().update_record(*args, **options))

    def delete_record(self, *args: Any, **options: Any) -> Any:
        return self.after(super().delete_record(*args, **options))

    def delete_records(self, *args: Any, **options: Any) -> Any:
        return self.after(super().delete_records(*args, **options))

    def after(self, result: Any) -> Any:
        refuse(current_request())
        return result


@register()
class Modelled(BaseResource):
    mapping = Anything()
    default_model = Careful


@register()
class Noting(BaseResource):
    """Notes what is wrong, and lets others answer with it."""

    mapping = Anything()

    def get_parent_id(self, request: Any) -> str:
        if "Refuse" in request.headers:
            request.errors.add("header", "Refuse", "Is there")
        return super().get_parent_id(request)


def refusing_decorator(view: Any) -> Any:
    def decorated(context: Any, request: Any) -> Any:
        response = view(context, request)
        refuse(request)
        return response

    return decorated


class RefusingMapper(DefaultViewMapper):
    def __call__(self, view: Any) -> Any:
        return refusing_decorator(super().__call__(view))


@register(default_arguments={**ViewSet.default_arguments, "decorator": refusing_decorator})
class Decorated(BaseResource):
    mapping = Anything()


@register(default_arguments={**ViewSet.default_arguments, "mapper": RefusingMapper})
class Mapped(BaseResource):
    mapping = Anything()


@view_config(name="around", permission=NO_PERMISSION_REQUIRED)
def go_around(request: Any) -> Any:
    """Answer what another view has answered."""
    refuse(request)
    return request.wrapped_response


@register(default_arguments={**ViewSet.default_arguments, "wrapper": "around"})
class Wrapped(BaseResource):
    mapping = Anything()


@register(service_arguments={"decorator": refusing_decorator})
class Serviced(BaseResource):
    mapping = Anything()


class Replacing(Model):
    def replace_record(self, old: str, new: str, times: int) -> None:  # type: ignore[override]
        """Has nothing to do with ours."""


@register()
class Named(BaseResource):
    mapping = Anything()
    default_model = Replacing


REFUSING: Final = (
    "answering",
    "deciding",
    "ending",
    "modelled",
    "noting",
    "decorated",
    "mapped",
    "wrapped",
    "serviced",
)


class ChangingSchema(ResourceSchema):
    url = colander.SchemaNode(colander.String())
    text = colander.SchemaNode(colander.String(), missing="")

    class Options:
        unique_fields = ("url",)


@register()
class Changing(BaseResource):
    """Writes something else before a record, as its text says."""

    mapping = ChangingSchema()

    def process_record(self, new: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
        if new["text"] == "log":
            self.request.registry.storage.create("log", "", {})
        if new["text"] == "clear":
            self.collection_delete()
            raise HTTPConflict
        return new
