"""Fixtures of the connectors' tests: each goes through a job."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from connector_kafka import Kafka, kafka_server
from connector_mariadb import MariaDb, mariadb_server
from connector_moto import Moto, moto_server, write_keys
from rebound_name import rebound
from zeebe_fixtures import gateway

__all__ = ["gateway", "rebound"]


@pytest.fixture(scope="session")
def kafka_process() -> Iterator[Kafka]:
    with kafka_server() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_process() -> Iterator[MariaDb]:
    with mariadb_server() as server:
        yield server


@pytest.fixture(scope="session")
def moto_process() -> Iterator[Moto]:
    with moto_server() as server:
        yield server


@pytest.fixture
def moto(moto_process: Moto) -> Moto:
    """An AWS that knows nothing yet."""
    moto_process.forget()
    return moto_process


@pytest.fixture
def aws_keys(tmp_path: Path) -> Path:
    """The folder of a Connector's secrets."""
    return write_keys(tmp_path / "aws-keys")
