"""The hub as a server: routes, access, and its life in tests."""

import asyncio
import contextlib
import functools
import threading
from collections.abc import Awaitable, Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.hub import documents
from tests.hub.content import describe_file, name_of, send_file
from tests.hub.faults import Faults, Refuse, WrongSize
from tests.hub.repository import KINDS, Access, Repositories, Repository, RepositoryKind, StoredFile
from tests.hub.uploads import Uploads

_PAGE_ENTRIES = 1000  # as the real hub's trees have

_Handler = Callable[[web.Request, Repository], Awaitable[web.StreamResponse]]


class Hub:
    """Serves the repositories under `root` from `__aenter__` to `__aexit__`.

    Attributes:
        faults: What is to go wrong.
        requests: Method and path of every request so far.
        bytes_sent: Of files, so far.
    """

    def __init__(
        self,
        root: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str | None = None,
        page_entries: int = _PAGE_ENTRIES,
    ) -> None:
        self.faults = Faults()
        self.requests: list[tuple[str, str]] = []
        self.bytes_sent = 0
        self._repositories = Repositories(root)
        self._uploads = Uploads(root, self._repositories, token)
        self._host, self._port, self._token, self._page_entries = host, port, token, page_entries
        self._runner: web.AppRunner | None = None

    @property
    def endpoint(self) -> str:
        """The address to give to clients."""
        if self._runner is None:
            raise RuntimeError("the hub does not run: enter it first")
        return f"http://{self._host}:{self._runner.addresses[0][1]}"

    async def __aenter__(self) -> Self:
        application = web.Application(middlewares=[self._record], client_max_size=2**28)
        application.router.add_get("/", self._index)
        self._uploads.add_routes(application.router)
        for kind in KINDS:
            self._add_routes(application.router, kind)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _add_routes(self, router: web.UrlDispatcher, kind: RepositoryKind) -> None:
        about = f"/api/{kind}/{{namespace}}/{{name}}"
        files = f"{'' if kind == 'models' else '/datasets'}/{{namespace}}/{{name}}"
        on = functools.partial(self._on, kind)
        router.add_get(about, on(self._describe))
        router.add_get(f"{about}/revision/{{revision}}", on(self._describe))
        router.add_get(f"{about}/tree/{{revision}}{{path:.*}}", on(self._list_tree))
        router.add_post(f"{about}/paths-info/{{revision}}", on(self._describe_paths))
        router.add_get(f"{about}/refs", on(self._list_references))
        router.add_get(f"{about}/commits/{{revision}}", on(self._list_commits))
        router.add_get(f"{files}/resolve/{{revision}}/{{path:.+}}", on(self._resolve))
        # Stands for the other host to which the real hub sends clients for large files.
        router.add_get(f"/content/{kind}/{{namespace}}/{{name}}/{{revision}}/{{path:.+}}", on(self._content))

    def _on(
        self, kind: RepositoryKind, handler: _Handler
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """`handler` with the repository that the path names, once the client may have it."""

        async def handle(request: web.Request) -> web.StreamResponse:
            name = "{namespace}/{name}".format_map(request.match_info)
            subject = f"{kind}/{name}"
            if "path" in request.match_info and handler != self._list_tree:
                subject = f"{subject}/{request.match_info['path']}"
            refusal = self.faults.take(Refuse, subject)
            if refusal:
                return _refused(refusal)
            repository = await asyncio.to_thread(self._repositories.find, kind, name)
            if repository is None:
                return _error(HTTPStatus.NOT_FOUND, "RepoNotFound", "Repository not found")
            denial = self._deny(request, repository, to_files=subject != f"{kind}/{name}")
            if denial:
                return denial
            revision = request.match_info.get("revision", "main")
            wanted = await asyncio.to_thread(self._repositories.at, repository, revision)
            if wanted is None:
                return _error(HTTPStatus.NOT_FOUND, "RevisionNotFound", "Invalid rev id")
            return await handler(request, wanted)

        return handle

    def _deny(self, request: web.Request, repository: Repository, *, to_files: bool) -> web.Response | None:
        """The refusal of a client without the token; a gated repository hides its files only."""
        authorization = request.headers.get("Authorization")
        if self._token is not None and authorization == f"Bearer {self._token}":
            return None
        if repository.access is Access.PRIVATE:
            return _error(HTTPStatus.UNAUTHORIZED, "RepoNotFound", "Invalid username or password.")
        if repository.access is Access.GATED and to_files:
            status = HTTPStatus.FORBIDDEN if authorization else HTTPStatus.UNAUTHORIZED
            return _error(status, "GatedRepo", f"Access to model {repository.name} is restricted.")
        return None

    @web.middleware
    async def _record(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        self.requests.append((request.method, request.path))
        return await handler(request)

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        def read() -> dict[str, str]:
            return {f"{each.kind}/{each.name}": each.commit for each in self._repositories.all()}

        return web.json_response(await asyncio.to_thread(read))

    async def _describe(self, request: web.Request, repository: Repository) -> web.StreamResponse:
        with_blobs = "blobs" in request.query
        announced = self._announced(repository)
        return web.json_response(documents.describe(repository, announced, with_blobs=with_blobs))

    async def _list_tree(self, request: web.Request, repository: Repository) -> web.StreamResponse:
        folder = request.match_info["path"].strip("/")
        entries = documents.list_tree(
            repository,
            folder,
            self._announced(repository),
            recursive=_flag(request, "recursive"),
            expand=_flag(request, "expand"),
        )
        if folder and not entries:
            return _error(HTTPStatus.NOT_FOUND, "EntryNotFound", f"{folder} does not exist")
        return self._page(request, entries)

    async def _describe_paths(self, request: web.Request, repository: Repository) -> web.StreamResponse:
        form = await request.post()
        paths = [str(path) for path in form.getall("paths", [])]
        expand = str(form.get("expand", "")).lower() == "true"
        announced = self._announced(repository)
        found = documents.describe_paths(repository, paths, announced, expand=expand)
        return web.json_response(list(found))

    async def _list_references(self, _request: web.Request, repository: Repository) -> web.StreamResponse:
        return web.json_response(documents.list_references(repository))

    async def _list_commits(self, request: web.Request, repository: Repository) -> web.StreamResponse:
        return self._page(request, documents.list_commits(repository))

    def _page(self, request: web.Request, entries: list[documents.Document]) -> web.Response:
        start = int(request.query.get("cursor", 0))
        stop = start + self._page_entries
        response = web.json_response(entries[start:stop])
        if stop < len(entries):
            following = request.url.update_query(cursor=str(stop))
            response.headers["Link"] = f'<{following}>; rel="next"'
        return response

    async def _resolve(self, request: web.Request, repository: Repository) -> web.StreamResponse:
        file = repository.files.get(request.match_info["path"])
        if file is None:
            return _error(HTTPStatus.NOT_FOUND, "EntryNotFound", "Entry not found")
        if file.sha256 is None:
            return await send_file(request, repository, file, self.faults, self._count)
        headers = describe_file(repository, file, self.faults)
        where = f"/content/{repository.kind}/{repository.name}/{repository.commit}/{file.path}"
        location = str(request.url.with_path(where))
        return web.Response(status=HTTPStatus.FOUND, headers={**headers, "Location": location})

    async def _content(self, request: web.Request, repository: Repository) -> web.StreamResponse:
        file = repository.files[request.match_info["path"]]
        return await send_file(request, repository, file, self.faults, self._count)

    def _count(self, sent: int) -> None:
        self.bytes_sent += sent

    def _announced(self, repository: Repository) -> documents.AnnouncedSize:
        def size(file: StoredFile) -> int:
            wrong = self.faults.take(WrongSize, name_of(repository, file))
            return wrong.size if wrong else file.size

        return size


@contextlib.contextmanager
def hub_in_thread(
    root: Path, *, host: str = "127.0.0.1", token: str | None = None, page_entries: int = _PAGE_ENTRIES
) -> Iterator[Hub]:
    """A hub whose event loop runs in a thread of its own, for tests without one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="hub", daemon=True)
    thread.start()
    hub = Hub(root, host=host, token=token, page_entries=page_entries)
    try:
        asyncio.run_coroutine_threadsafe(hub.__aenter__(), loop).result()
        yield hub
    finally:
        asyncio.run_coroutine_threadsafe(hub.__aexit__(None, None, None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _flag(request: web.Request, name: str) -> bool:
    return request.query.get(name, "").lower() in {"1", "true"}


def _error(status: HTTPStatus, code: str, message: str) -> web.Response:
    headers = {"X-Error-Code": code, "X-Error-Message": message}
    return web.json_response({"error": message}, status=status, headers=headers)


def _refused(refusal: Refuse) -> web.Response:
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    return web.json_response({"error": "injected"}, status=refusal.status, headers=headers)
