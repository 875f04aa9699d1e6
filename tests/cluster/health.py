"""Waiting for a process that was just started to say that it is ready."""

import http.client
import ssl
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import processes
from tests.cluster.errors import ClusterError
from tests.cluster.processes import Process
from tests.cluster.waiting import wait_for

_SECONDS_TO_ANSWER = 2.0


@dataclass(frozen=True)
class HealthCheck:
    """Where a process says whether it is ready: over TLS if there is an authority to check it by."""

    address: str
    port: int
    path: str
    authority: Path | None = None

    def passes(self) -> bool:
        """Whether the answer is 200 now."""
        connection = self._connection()
        try:
            connection.request("GET", self.path)
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self.authority is None:
            return http.client.HTTPConnection(self.address, self.port, timeout=_SECONDS_TO_ANSWER)
        trust = ssl.create_default_context(cafile=self.authority)
        return http.client.HTTPSConnection(self.address, self.port, timeout=_SECONDS_TO_ANSWER, context=trust)


def wait_until_healthy(state: Path, process: Process, check: HealthCheck, seconds: float = 60.0) -> None:
    """Return when the check passes; raise with the end of the log if the process ends or time is up."""

    def healthy() -> bool:
        if not processes.alive(process):
            raise ClusterError(
                f"{process.name} ended while it started. {processes.log_tail(state, process.name)}"
            )
        return check.passes()

    wait_for(
        healthy,
        f"{process.name} is ready",
        seconds,
        explain=lambda: processes.log_tail(state, process.name),
    )
