"""The same service on FastAPI: Pydantic models, SQLAlchemy's asynchronous sessions, asyncpg.

It has the fields of a record without the envelope ``data``, and no ETags, conditions or batches.
"""

# The peer is in an environment of its own.
# mypy: disable-error-code="import-not-found"

import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from pydantic import AnyHttpUrl, BaseModel, ConfigDict
from sqlalchemy import BigInteger, Index, insert, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.client import Answer
from benchmarks.dataset import CREDENTIALS, PROJECT_NAME, fields_of, id_of, owner_of, stamp_of
from benchmarks.peers.asgi import Caller
from benchmarks.workloads import Service as OwnService


class Service(OwnService):
    lacks = frozenset({"GET one, 304", "batch of 25 POST"})

    def __init__(self, app: Any, size: int) -> None:
        super().__init__(app, size)
        self.call = app.state.caller.call  # type: ignore[method-assign]

    def body(self, fields: dict[str, Any]) -> bytes:
        return json.dumps(fields).encode()

    def records(self, answer: Answer) -> list[dict[str, Any]]:
        value = json.loads(answer.body)
        return value if isinstance(value, list) else [value]


class Base(DeclarativeBase):
    pass


class Bookmark(Base):
    __tablename__ = "bookmarks"
    __table_args__ = (Index("bookmarks_by_time", "owner", "last_modified", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    last_modified: Mapped[int] = mapped_column(BigInteger)
    url: Mapped[str]
    title: Mapped[str]
    status: Mapped[str]


class BookmarkIn(BaseModel):
    url: AnyHttpUrl
    title: str = ""
    status: str = ""


class BookmarkChange(BaseModel):
    url: AnyHttpUrl | None = None
    title: str | None = None
    status: str | None = None


class BookmarkOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    last_modified: int
    url: str
    title: str
    status: str


basic = HTTPBasic()


async def current_user(credentials: Annotated[HTTPBasicCredentials, Depends(basic)]) -> str:
    return owner_of(f"{credentials.username}:{credentials.password}".encode())


async def session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as opened:
        yield opened


User = Annotated[str, Depends(current_user)]
Session = Annotated[AsyncSession, Depends(session)]


def make_app(url: str) -> Any:
    """ASGI application, whose table may not be there yet."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.state.engine = engine
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    app.state.caller = Caller(app)
    add_routes(app)
    return app


def add_routes(app: FastAPI) -> None:
    """Tell which function answers what."""
    app.get("/v1/")(hello)
    app.get("/v1/__heartbeat__")(heartbeat)
    app.get("/v1/bookmarks", response_model=list[BookmarkOut])(get_list)
    app.post("/v1/bookmarks", response_model=BookmarkOut, status_code=201)(post)
    app.get("/v1/bookmarks/{record_id}", response_model=BookmarkOut)(get_one)
    app.put("/v1/bookmarks/{record_id}", response_model=BookmarkOut)(put)
    app.patch("/v1/bookmarks/{record_id}", response_model=BookmarkOut)(patch)


async def hello(user: User) -> dict[str, Any]:
    return {"project_name": PROJECT_NAME, "user": {"id": user}}


async def heartbeat(session: Session) -> dict[str, bool]:
    return {"database": (await session.scalar(text("SELECT 1"))) == 1}


async def get_list(  # noqa: PLR0913 - each is a part of the request
    request: Request,
    response: Response,
    user: User,
    session: Session,
    limit: Annotated[int, Query(alias="_limit", le=1_000)] = 100,
    sort: Annotated[str | None, Query(alias="_sort")] = None,
    token: Annotated[str | None, Query(alias="_token")] = None,
    status: str | None = None,
) -> Any:
    query = select(Bookmark).where(Bookmark.owner == user)
    if status is not None:
        query = query.where(Bookmark.status == status)
    if token is not None:
        last_modified, _, record_id = token.partition(".")
        query = query.where(tuple_(Bookmark.last_modified, Bookmark.id) < (int(last_modified), record_id))
    if sort == "title":
        query = query.order_by(Bookmark.title)
    query = query.order_by(Bookmark.last_modified.desc(), Bookmark.id.desc())
    found = (await session.scalars(query.limit(limit + 1))).all()
    if len(found) > limit:
        last = found[limit - 1]
        response.headers["Next-Page"] = str(
            request.url.include_query_params(_token=f"{last.last_modified}.{last.id}")
        )
    return found[:limit]


async def get_one(record_id: str, user: User, session: Session) -> Any:
    return await owned(record_id, user, session)


async def post(bookmark: BookmarkIn, user: User, session: Session) -> Any:
    made = Bookmark(
        id=str(uuid.uuid4()), owner=user, last_modified=now_ms(), **bookmark.model_dump(mode="json")
    )
    session.add(made)
    await session.commit()
    return made


async def put(record_id: str, bookmark: BookmarkIn, user: User, session: Session) -> Any:
    return await change(await owned(record_id, user, session), bookmark.model_dump(mode="json"), session)


async def patch(record_id: str, bookmark: BookmarkChange, user: User, session: Session) -> Any:
    fields = bookmark.model_dump(mode="json", exclude_unset=True)
    return await change(await owned(record_id, user, session), fields, session)


async def owned(record_id: str, user: str, session: AsyncSession) -> Bookmark:
    found = await session.scalar(select(Bookmark).where(Bookmark.id == record_id, Bookmark.owner == user))
    if found is None:
        raise HTTPException(404)
    return found


async def change(bookmark: Bookmark, fields: dict[str, Any], session: AsyncSession) -> Bookmark:
    for name, value in fields.items():
        setattr(bookmark, name, value)
    bookmark.last_modified = now_ms()
    await session.commit()
    return bookmark


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def fill(app: Any, size: int) -> None:
    """Make the table, with so many records of the user."""
    owner = owner_of(CREDENTIALS)
    rows = [
        {"id": id_of(n), "owner": owner, "last_modified": stamp_of(n), **fields_of(n, size)}
        for n in range(1, size + 1)
    ]

    async def make() -> None:
        async with app.state.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
            await connection.execute(insert(Bookmark), rows)

    app.state.caller.run(make())


def close(app: Any) -> None:
    """Leave no connection."""
    app.state.caller.run(app.state.engine.dispose())
    app.state.caller.close()
