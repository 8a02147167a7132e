"""Model, views and URLs of the service on Django REST framework; importable once Django is set up."""

# The peer is in an environment of its own.
# mypy: disable-error-code="import-not-found"

import base64
import time
import uuid
from typing import Any

from django.db import connection, models
from django.http import JsonResponse
from django.urls import path
from rest_framework import pagination, serializers, viewsets
from rest_framework.authentication import BaseAuthentication
from rest_framework.filters import OrderingFilter
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.dataset import PROJECT_NAME, owner_of
from benchmarks.workloads import PAGE


class Bookmark(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    owner = models.CharField(max_length=100)
    last_modified = models.BigIntegerField()
    url = models.URLField()
    title = models.TextField(blank=True)
    status = models.CharField(max_length=30, blank=True)

    class Meta:
        app_label = "bookmarks"
        indexes = (models.Index(fields=["owner", "-last_modified"], name="bookmarks_by_time"),)


class User:
    """Who sends the same credentials again is the same user."""

    is_authenticated = True

    def __init__(self, name: str) -> None:
        self.name = name


class OpenBasicAuthentication(BaseAuthentication):
    def authenticate(self, request: Any) -> tuple[User, None] | None:
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        return (User(owner_of(base64.b64decode(encoded))), None) if scheme == "Basic" else None


class BookmarkSerializer(serializers.ModelSerializer):
    class Meta:
        model = Bookmark
        fields = ("id", "last_modified", "url", "title", "status")
        read_only_fields = ("id", "last_modified")


class Pages(pagination.CursorPagination):
    page_size = PAGE
    ordering = "-last_modified"
    page_size_query_param = "_limit"


class Bookmarks(viewsets.ModelViewSet):
    serializer_class = BookmarkSerializer
    authentication_classes = (OpenBasicAuthentication,)
    permission_classes = (IsAuthenticated,)
    pagination_class = Pages
    filter_backends = (OrderingFilter,)
    ordering_fields = ("title", "last_modified")
    ordering = ("-last_modified",)

    def get_queryset(self) -> Any:
        bookmarks = Bookmark.objects.filter(owner=self.request.user.name)
        status = self.request.query_params.get("status")
        return bookmarks if status is None else bookmarks.filter(status=status)

    def perform_create(self, serializer: Any) -> None:
        serializer.save(owner=self.request.user.name, last_modified=now_ms())

    def perform_update(self, serializer: Any) -> None:
        serializer.save(last_modified=now_ms())


class Hello(APIView):
    authentication_classes = (OpenBasicAuthentication,)

    def get(self, request: Any) -> Response:
        return Response({"project_name": PROJECT_NAME, "user": {"id": request.user.name}})


class Heartbeat(APIView):
    authentication_classes = ()

    def get(self, request: Any) -> Response:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return Response({"database": True})


def now_ms() -> int:
    return time.time_ns() // 1_000_000


many = {"get": "list", "post": "create"}
one = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}
urlpatterns = [
    path("v1/", Hello.as_view()),
    path("v1/__heartbeat__", Heartbeat.as_view()),
    path("v1/__lbheartbeat__", lambda request: JsonResponse({})),
    path("v1/bookmarks", Bookmarks.as_view(many)),
    path("v1/bookmarks/<uuid:pk>", Bookmarks.as_view(one)),
]
