"""Settings of the processes, from environment variables that start with PODIUM_."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

__all__ = ["Settings", "SignerTarget"]


class SignerTarget(BaseModel):
    """One place where weights go, on behalf of one Subnet, by one key."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)

    namespace: str
    subnet: str
    endpoints: Annotated[tuple[str, ...], Field(min_length=1)]
    """The signer's own: a Subnet that points elsewhere does not move them."""
    genesis_hash: str
    netuid: int
    mechanism: int = 0
    hotkey: str
    key_file: Path
    most_percent: Annotated[int, Field(ge=1, le=100)] = 100
    """The largest part of a vector that one hotkey may get."""


class Settings(BaseSettings):
    """What a process is told by its Deployment."""

    model_config = SettingsConfigDict(env_prefix="PODIUM_", extra="ignore", frozen=True)

    watch_namespaces: Annotated[tuple[str, ...], NoDecode, Field(min_length=1)]
    """Namespaces that hold competitions, separated by commas."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "text"] = "json"
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Where Prometheus scrapes; 0 serves no metrics."""
    health_port: Annotated[int, Field(ge=0, le=65535)] = 8081
    """Where the kubelet asks whether the process is alive; 0 serves no answer."""
    relist_seconds: Annotated[int, Field(ge=5, le=3600)] = 300
    """How often everything is read afresh."""
    targets: tuple[SignerTarget, ...] = ()
    """What the signer signs for, as JSON; a ledger needs none of it."""
    block_seconds: Annotated[int, Field(ge=1, le=600)] = 12
    """How often a chain is asked whether it has moved: the length of its blocks."""
    instance: str = Field(default_factory=socket.gethostname)
    """Named as the reporter of Events."""

    @field_validator("watch_namespaces", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part for part in (one.strip() for one in value.split(",")) if part)
        return value
