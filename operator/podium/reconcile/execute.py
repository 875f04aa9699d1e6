"""Carrying out plans: one API call an action, in stages, and an Event where something became true."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

import structlog
from pydantic import ValidationError

from podium.api.competition import Competition
from podium.api.round import Round
from podium.api.submission import ModelSubmission
from podium.api.translate.competition import competition_status_to_stored
from podium.api.translate.round import round_status_to_stored
from podium.api.translate.submission import submission_status_to_stored
from podium.api.translate.subnet import subnet_status_to_stored
from podium.api.translate.weight_update import update_status_to_stored
from podium.cluster.client import Client
from podium.cluster.events import post_event
from podium.cluster.resources import (
    COMPETITIONS,
    CONFIG_MAPS,
    JOBS,
    ROUNDS,
    SUBMISSIONS,
    SUBNETS,
    WEIGHT_UPDATES,
    Raw,
    Resource,
)
from podium.cluster.store import Store
from podium.core import plan as act
from podium.errors import AlreadyExistsError, ClusterError, ConflictError, NotFoundError, RefusedError
from podium.manifests import jobs, records
from podium.observability.metrics import Metrics
from podium.reconcile.transitions import announce

__all__ = ["Executor"]

_log = structlog.get_logger(__name__)

_ALONE: Final = act.SetSubmissionStatus | act.CreateSubmission | act.CreateRound | act.JobCreation
"""Actions that nothing but a deletion rests on."""


class Executor:
    """Carries out the plans of one owner: a Competition, a Subnet or a namespace."""

    def __init__(self, client: Client, store: Store, metrics: Metrics, reporter: str) -> None:
        self._client = client
        self._store = store
        self._metrics = metrics
        self._reporter = reporter
        self._reported: dict[str, frozenset[tuple[str, int]]] = {}

    async def execute(self, plan: act.Plan, owner: Raw, now: datetime) -> int:
        """Does what a plan asks for; returns how many writes changed something.

        Every answer goes into the store, so that the next pass sees what this one did. A write of
        one submission, Round or Job that the API server refuses does not stop the others; only
        deletions wait then, since they may rest on what could not be written.

        Raises:
            ClusterError: A write failed; what rests on it was not started.
        """
        writes = 0
        refused: RefusedError | None = None
        for stage in plan.stages:
            if refused is not None and isinstance(stage[0], act.DeleteJob | act.DeleteRound):
                break
            done = await asyncio.gather(*(self._do(one, owner, now) for one in stage), return_exceptions=True)
            for action, result in zip(stage, done, strict=True):
                if isinstance(result, RefusedError) and isinstance(action, _ALONE):
                    refused = result
                elif isinstance(result, BaseException):
                    raise result
                else:
                    writes += result
        if refused is not None:
            raise refused
        return writes

    async def _do(self, action: act.Action, owner: Raw, now: datetime) -> bool:
        namespace = owner["metadata"]["namespace"]
        match action:
            case act.DeleteJob():
                return await self._delete(JOBS, namespace, action.name, action.uid)
            case act.DeleteRound():
                return await self._delete(ROUNDS, namespace, action.name, action.uid)
            case act.ReportCommitments():
                return await self._report(action, owner, now)
            case (
                act.SetSubmissionStatus()
                | act.SetRoundStatus()
                | act.SetCompetitionStatus()
                | act.SetSubnetStatus()
                | act.SetUpdateStatus()
            ):
                resource, status = _stored_status(action)
                return await self._set_status(resource, action.uid, status, now)
            case _:
                resource, body = self._body(action, owner)
                return await self._create(resource, namespace, body)

    def _body(self, action: act.Creation, owner: Raw) -> tuple[Resource, Raw]:
        """The object that an action creates."""
        match action:
            case act.StoreEvidence():
                return CONFIG_MAPS, records.evidence_config_map(self._round(action.round_uid), action)
            case act.CreateSubmission():
                return SUBMISSIONS, records.submission_object(owner, action)
            case act.CreateWeightUpdate():
                return WEIGHT_UPDATES, records.weight_update_object(owner, action)
            case act.CreateRound():
                return ROUNDS, records.round_object(Competition.model_validate(owner), action)
            case _:
                return JOBS, self._job(action, Competition.model_validate(owner))

    def _job(
        self,
        action: act.JobCreation,
        competition: Competition,
    ) -> Raw:
        match action:
            case act.CreateProbeJob():
                return jobs.probe_job(competition, action)
            case act.CreateFetchJob():
                submission = ModelSubmission.model_validate(self._known(SUBMISSIONS, action.submission_uid))
                return jobs.fetch_job(competition, submission, action)
            case act.CreateReferenceFetchJob():
                return jobs.reference_fetch_job(competition, action)
            case act.CreatePrepareJob():
                return jobs.prepare_job(competition, self._round(action.round_uid), action)
            case act.CreateEvaluateJob():
                return jobs.evaluate_job(competition, self._round(action.round_uid), action)

    def _round(self, uid: str) -> Round:
        return Round.model_validate(self._known(ROUNDS, uid))

    def _known(self, resource: Resource, uid: str) -> Raw:
        raw = self._store.get(resource, uid)
        if raw is None:
            raise NotFoundError(f"{resource.kind} {uid} is gone")
        return raw

    async def _set_status(self, resource: Resource, uid: str, status: Raw, now: datetime) -> bool:
        return await self.set_status(resource, self._known(resource, uid), status, now)

    async def set_status(self, resource: Resource, observed: Raw, status: Raw, now: datetime) -> bool:
        """Writes the status of exactly the version that was observed, and says whether it was another one.

        Raises:
            ConflictError: The object has changed since.
        """
        if observed.get("status") == status:
            return False
        metadata = observed["metadata"]
        try:
            written = await self._client.replace_status(resource, observed, status)
        except ConflictError:
            fresh = await self._client.get(resource, metadata["namespace"], metadata["name"])
            self._store.put(resource, fresh)
            raise
        except NotFoundError:
            # It was deleted meanwhile: there is nothing left to say about it.
            self._store.remove(resource, observed)
            return True
        self._store.put(resource, written)
        if resource is ROUNDS:
            self._metrics.round_written(observed, written)
        await announce(self._client, observed, written, self._reporter, now)
        return True

    async def _create(self, resource: Resource, namespace: str, body: Raw) -> bool:
        """Creates an object; one that is there already is what a pass before this one created.

        Raises:
            AlreadyExistsError: It is somebody else's, such as a namesake's that was deleted a moment ago.
        """
        name = body["metadata"]["name"]
        try:
            created = await self._client.create(resource, namespace, body)
        except AlreadyExistsError as error:
            created = await self._client.get(resource, namespace, name)
            if _owners(created) != _owners(body):
                text = f"{resource.kind} {name} belongs to {_owners(created)}, expected {_owners(body)}"
                raise AlreadyExistsError(f"{text}; waiting until it is gone") from error
        _log.info("created", kind=resource.kind, name=name, namespace=namespace)
        # Evidence is written once and never read again: it would only fill the memory.
        return True if resource is CONFIG_MAPS else self._store.put(resource, created)

    async def _report(self, action: act.ReportCommitments, subnet: Raw, now: datetime) -> bool:
        """Tells of each unusable commitment once; after a restart once more."""
        known = self._reported.get(action.subnet_uid, frozenset())
        self._reported[action.subnet_uid] = frozenset(action.unusable)
        for key, text in sorted(action.unusable.items()):
            if key in known:
                continue
            _log.info("commitment is no submission", subnet=subnet["metadata"]["name"], problem=text)
            await self._tell(subnet, "UnusableCommitment", text, now)
        return False

    async def _tell(self, about: Raw, reason: str, note: str, now: datetime) -> None:
        try:
            await post_event(
                self._client, about, reason, note, warning=True, reporter=self._reporter, now=now
            )
        except ClusterError as error:
            _log.warning("event was not posted", reason=reason, error=str(error))

    async def _delete(self, resource: Resource, namespace: str, name: str, uid: str) -> bool:
        raw = self._store.get(resource, uid)
        await self._client.delete(resource, namespace, name, uid)
        return self._store.remove(resource, raw) if raw is not None else False


def _owners(raw: Raw) -> list[str]:
    return sorted(str(one.get("uid")) for one in raw["metadata"].get("ownerReferences") or ())


def _stored_status(action: act.SetStatus) -> tuple[Resource, Raw]:
    """The resource that a status is of, and the status as it is stored.

    Raises:
        RefusedError: It breaks the schema; as the API server would, and with the same consequences.
    """
    try:
        return _translated(action)
    except ValidationError as error:
        raise RefusedError(f"the status of {action.name} cannot be stored: {error}") from error


def _translated(action: act.SetStatus) -> tuple[Resource, Raw]:
    match action:
        case act.SetSubmissionStatus():
            return SUBMISSIONS, submission_status_to_stored(action.status)
        case act.SetRoundStatus():
            return ROUNDS, round_status_to_stored(action.status)
        case act.SetCompetitionStatus():
            return COMPETITIONS, competition_status_to_stored(action.status)
        case act.SetSubnetStatus():
            return SUBNETS, subnet_status_to_stored(action.status)
        case act.SetUpdateStatus():
            return WEIGHT_UPDATES, update_status_to_stored(action.status)
