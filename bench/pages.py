"""The pages that are measured, and one measuring of them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.browser import Answer, Client, Form, forms, started
from bench.data import PASSWORD, file_of
from bench.floors import Floors, Statement, floors, recorded
from bench.measure import Work, take_turns
from bench.report import Figure
from portal.app import create_app
from portal.settings import Settings


@dataclass(frozen=True)
class Page:
    """One address to be measured."""

    name: str
    path: str


LISTS = (
    Page("first page", "/articles"),
    Page("filtered: status and category", "/articles?status=published&category=3"),
    Page("sorted by title", "/articles?sort=title"),
    Page("sorted by publish time, last first", "/articles?sort=-publish_time"),
    Page("searched, found at once", "/articles?q=tea"),
    Page("page 100", "/articles?page=100"),
)


@dataclass(frozen=True)
class Case:
    """One page on one database, ready to be measured beside its floors."""

    page: str
    statements: int
    size: int
    works: Mapping[str, Work]


class Session:
    """A signed-in administrator and the floors of the same database; one case at a time."""

    def __init__(self, client: Client, floor: Floors) -> None:
        self._client, self._floor = client, floor

    async def shown(self, page: Page) -> Case:
        async def show() -> None:
            await _asked(self._client, page.path)

        await show()
        with recorded() as statements:
            answer = await _asked(self._client, page.path)
        return self._case(page.name, statements, len(answer.body.encode()), Work(show))

    async def edit(self) -> Case:
        return await self.shown(Page("edit form", f"{await self._article()}/edit"))

    async def save(self) -> Case:
        """Saving one article, each time with the version of the form just read."""
        path = await self._article()
        form: Form = []

        async def read() -> None:
            found = forms((await _asked(self._client, f"{path}/edit")).body)
            form[:] = [(name, value + "." if name == "summary" else value) for name, value in found[path]]

        async def send() -> None:
            answer = await self._client.post(path, form)
            if answer.status != 303:
                raise RuntimeError(f"Saving was answered with {answer.status}")

        await read()
        with recorded() as statements:
            await send()
        return self._case("save", statements, 0, Work(send, read))

    async def _article(self) -> str:
        page = (await _asked(self._client, "/articles?sort=-publish_time")).body
        return next(path.removesuffix("/edit") for path in _links(page) if path.endswith("/edit"))

    def _case(self, name: str, statements: Sequence[Statement], size: int, portal: Work) -> Case:
        self._floor.learn(statements)
        works = {
            "portal": portal,
            "bare": Work(self._floor.handler),
            "bare_async": Work(self._floor.async_handler),
            "sql": Work(self._floor.sql),
        }
        return Case(name, len(statements), size, works)


async def figures(cases: Sequence[Case]) -> list[Figure]:
    """The same page on several databases, all of them taking turns."""
    works = {f"{n} {kind}": work for n, case in enumerate(cases) for kind, work in case.works.items()}
    taken = await take_turns(works)
    found = []
    for n, case in enumerate(cases):
        times = {kind: taken[f"{n} {kind}"] for kind in case.works}
        found.append(Figure(case.page, case.statements, case.size, **times))
        ratio = times["portal"] / times["bare"]
        print(f"  {case.page}: {times['portal'] * 1000:.2f} ms, {ratio:.1f} × bare", flush=True)
    return found


@asynccontextmanager
async def session(name: str, settings: Settings) -> AsyncIterator[Session]:
    """A portal over the database `name`, started and signed in."""
    async with started(create_app(settings=settings)) as client, floors(file_of(name)) as floor:
        await _sign_in(client)
        yield Session(client, floor)


async def _sign_in(client: Client) -> None:
    page = (await _asked(client, "/sign-in")).body
    form = next(fields for fields in forms(page).values() if "password" in dict(fields))
    values = {**dict(form), "username": "admin", "password": PASSWORD}
    answer = await client.post("/sign-in", list(values.items()))
    if answer.status != 303:
        raise RuntimeError(f"Signing in was answered with {answer.status}: {answer.body[:500]}")


async def _asked(client: Client, path: str) -> Answer:
    answer = await client.get(path)
    if answer.status != 200:
        raise RuntimeError(f"{path} was answered with {answer.status}: {answer.body[:500]}")
    return answer


def _links(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('href="')[1:]]
