"""A thin client of the API server: raw JSON objects, a deadline on every call, typed errors."""

from __future__ import annotations

import asyncio
import json
import os
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
from kubernetes.aio import config as kubernetes_config
from kubernetes.aio.client import ApiClient, ApiException, Configuration

from podium.cluster.resources import PODS, Raw, Resource
from podium.errors import (
    AlreadyExistsError,
    ClusterError,
    ConflictError,
    NotFoundError,
    RefusedError,
)

__all__ = ["Client"]

_TIMEOUT: Final = 30.0
"""Seconds that one call may take; a hung API server must not hang a loop."""

_PAGE: Final = 500
_PARALLEL: Final = 16
"""Calls in flight at a time: one operator must not flood an API server."""


class Client:
    """The API server as one identity sees it. Use as an async context manager.

    Objects are plain dictionaries: models of thousands of objects cost seconds and hundreds of
    megabytes, and only a few fields are ever read.
    """

    def __init__(self, api: ApiClient) -> None:
        self._api = api
        self._slots = asyncio.Semaphore(_PARALLEL)

    @classmethod
    async def connect(cls, kubeconfig: str | None = None) -> Self:
        """A client for the pod's service account, or for a kubeconfig outside a cluster."""
        configuration = type.__call__(Configuration)  # the class hands out a shared default otherwise
        configuration.retries = False
        if kubeconfig is None and os.environ.get("KUBERNETES_SERVICE_HOST"):
            kubernetes_config.load_incluster_config(client_configuration=configuration)
        else:
            await kubernetes_config.load_kube_config(
                config_file=kubeconfig, client_configuration=configuration, persist_config=False
            )
        return cls(ApiClient(configuration=configuration))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._api.close()

    async def list(
        self, resource: Resource, namespace: str, selector: str | None = None
    ) -> tuple[list[Raw], int]:
        """All objects of a namespace, page by page, and the resource version that they are of."""
        found: list[Raw] = []
        token = ""
        kind = {"apiVersion": resource.api_version, "kind": resource.kind}
        while True:
            query = {"limit": str(_PAGE), "labelSelector": selector or resource.selector, "continue": token}
            page = await self._json("GET", resource.path(namespace), query=query)
            found += page.get("items") or []
            token = page.get("metadata", {}).get("continue") or ""
            if not token:
                version = int(page.get("metadata", {}).get("resourceVersion") or 0)
                return [{**kind, **one} for one in found], version

    async def get(self, resource: Resource, namespace: str, name: str) -> Raw:
        """One object.

        Raises:
            NotFoundError: There is none of this name.
        """
        return await self._json("GET", resource.path(namespace, name))

    async def create(self, resource: Resource, namespace: str, body: Raw) -> Raw:
        """Creates an object.

        Raises:
            AlreadyExistsError: One of this name exists.
            RefusedError: It breaks a rule or is forbidden.
        """
        return await self._json("POST", resource.path(namespace), body=body)

    async def replace_status(self, resource: Resource, observed: Raw, status: Raw) -> Raw:
        """Writes the status of an object that is still the one that was observed.

        Raises:
            ConflictError: It changed since, or has another UID now.
            NotFoundError: It is gone.
        """
        metadata = observed["metadata"]
        body = {**observed, "status": status}
        path = resource.path(metadata["namespace"], metadata["name"], "status")
        return await self._json("PUT", path, body=body)

    async def delete(self, resource: Resource, namespace: str, name: str, uid: str) -> None:
        """Deletes the object of this UID and what it owns; done when it is gone already."""
        body = {"propagationPolicy": "Background", "preconditions": {"uid": uid}}
        try:
            await self._json("DELETE", resource.path(namespace, name), body=body)
        except (NotFoundError, ConflictError):
            # Gone, or another object has the name: the one that was meant is not there any more.
            return

    async def log_tail(self, namespace: str, pod: str, container: str, lines: int, limit_bytes: int) -> str:
        """The last lines of a container's log, cut after `limit_bytes`."""
        query = {"container": container, "tailLines": str(lines), "limitBytes": str(limit_bytes)}
        data = await self._call("GET", PODS.path(namespace, pod, "log"), query=query)
        return data.decode(errors="replace")

    # Any: parsed JSON of the API server.
    async def _json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        parsed = json.loads(await self._call(method, path, **request))
        if not isinstance(parsed, dict):
            raise ClusterError(f"{method} {path}: expected a JSON object, found {type(parsed).__name__}")
        return parsed

    async def _call(
        self, method: str, path: str, *, query: dict[str, str] | None = None, body: Raw | None = None
    ) -> bytes:
        try:
            async with self._slots, asyncio.timeout(_TIMEOUT):
                serialized = await self._api.param_serialize(
                    method,
                    path,
                    query_params=[(key, value) for key, value in (query or {}).items() if value],
                    header_params={"Accept": "application/json", "Content-Type": "application/json"},
                    body=body,
                    auth_settings=["BearerToken"],
                )
                response = await self._api.call_api(*serialized, _request_timeout=_TIMEOUT)
                data: bytes = await response.read()
        except (aiohttp.ClientError, TimeoutError, ApiException, OSError) as error:
            raise ClusterError(f"{method} {path}: {type(error).__name__}: {error}") from error
        if response.status >= 400:  # noqa: PLR2004  # HTTP's own boundary
            raise _error(method, path, response.status, data)
        return data


def _error(method: str, path: str, status: int, data: bytes) -> ClusterError:
    try:
        details = json.loads(data)
    except ValueError:
        details = {}
    message = f"{method} {path}: {status}: {details.get('message') or data[:200].decode(errors='replace')}"
    match status:
        case 404 | 410:
            return NotFoundError(message)
        case 409 if details.get("reason") == "AlreadyExists":
            return AlreadyExistsError(message)
        case 409:
            return ConflictError(message)
        case 400 | 401 | 403 | 405 | 413 | 415 | 422:
            return RefusedError(message)
        case _:
            return ClusterError(message)
