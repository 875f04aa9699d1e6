"""Writing to the hub: new repositories, files in commits, and who may see them."""

import base64
import hashlib
import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.hub.repository import Repositories, is_large

__all__ = ["Uploads"]


class Uploads:
    """The part of a hub that changes its folders. Every request needs the hub's token.

    Attributes:
        root: Folder with models/ and datasets/.
    """

    def __init__(self, root: Path, repositories: Repositories, token: str | None) -> None:
        self.root = root
        self._repositories = repositories
        self._token = token
        self._large = root / ".large"

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """For models only: nobody uploads a dataset."""
        about, name = "/api/models/{namespace}/{name}", "/{namespace}/{name}"
        router.add_post("/api/repos/create", self._create)
        router.add_post(f"{about}/preupload/{{revision}}", self._preupload)
        router.add_post(f"{about}/commit/{{revision}}", self._commit)
        router.add_put(f"{about}/settings", self._settings)
        router.add_post(f"{name}.git/info/lfs/objects/batch", self._batch)
        router.add_put("/large/{oid}", self._put_large)

    def _denial(self, request: web.Request) -> web.Response | None:
        if self._token is not None and request.headers.get("Authorization") == f"Bearer {self._token}":
            return None
        return web.json_response({"error": "Invalid username or password."}, status=HTTPStatus.UNAUTHORIZED)

    def _folder(self, request: web.Request) -> Path:
        return self.root / "models" / "{namespace}/{name}".format_map(request.match_info)

    async def _create(self, request: web.Request) -> web.Response:
        asked = await request.json()
        denial = self._denial(request)
        if denial is not None:
            return denial
        name = f"{asked.get('organization') or 'someone'}/{asked['name']}"
        folder = self.root / "models" / name
        if folder.exists():
            return web.json_response({"error": "exists", "url": f"/{name}"}, status=HTTPStatus.CONFLICT)
        folder.mkdir(parents=True)
        hidden = bool(asked.get("private")) or asked.get("visibility") == "private"
        self._see(folder, "private" if hidden else "public")
        return web.json_response({"url": f"{request.url.origin()}/{name}", "name": name})

    def _see(self, folder: Path, access: str) -> None:
        sidecar = folder / ".hub.json"
        known = json.loads(sidecar.read_text()) if sidecar.exists() else {}
        sidecar.write_text(json.dumps({**known, "access": access}))

    async def _preupload(self, request: web.Request) -> web.Response:
        denial = self._denial(request)
        if denial is not None:
            return denial
        asked = await request.json()
        files = [
            {
                "path": one["path"],
                "uploadMode": "lfs" if is_large(Path(one["path"]), one["size"]) else "regular",
                "shouldIgnore": False,
                "oid": None,
            }
            for one in asked["files"]
        ]
        return web.json_response({"files": files})

    async def _batch(self, request: web.Request) -> web.Response:
        denial = self._denial(request)
        if denial is not None:
            return denial
        asked = await request.json()
        origin = request.url.origin()
        objects: list[dict[str, Any]] = []  # Any: the protocol's JSON
        for one in asked["objects"]:
            there = (self._large / one["oid"]).exists()
            actions = {} if there else {"actions": {"upload": {"href": f"{origin}/large/{one['oid']}"}}}
            objects.append({"oid": one["oid"], "size": one["size"], **actions})
        return web.json_response({"transfer": "basic", "objects": objects})

    async def _put_large(self, request: web.Request) -> web.Response:
        data = await request.read()
        oid = request.match_info["oid"]
        if hashlib.sha256(data).hexdigest() != oid:
            return web.json_response({"error": "another digest"}, status=HTTPStatus.BAD_REQUEST)
        self._large.mkdir(exist_ok=True)
        (self._large / oid).write_bytes(data)
        return web.Response()

    async def _commit(self, request: web.Request) -> web.Response:
        denial = self._denial(request)
        if denial is not None:
            return denial
        folder = self._folder(request)
        for line in (await request.text()).splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                self._write(folder / value["path"], base64.b64decode(value["content"]))
            elif entry["key"] == "lfsFile":
                self._write(folder / value["path"], (self._large / value["oid"]).read_bytes())
        name = folder.relative_to(self.root / "models").as_posix()
        found = self._repositories.find("models", name)
        commit = found.commit if found is not None else ""
        url = f"{request.url.origin()}/{name}/commit/{commit}"
        return web.json_response({"success": True, "commitOid": commit, "commitUrl": url, "hookOutput": ""})

    def _write(self, file: Path, content: bytes) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    async def _settings(self, request: web.Request) -> web.Response:
        denial = self._denial(request)
        if denial is not None:
            return denial
        asked = await request.json()
        hidden = asked.get("private") is True or asked.get("visibility") == "private"
        self._see(self._folder(request), "private" if hidden else "public")
        return web.json_response({"private": hidden})
