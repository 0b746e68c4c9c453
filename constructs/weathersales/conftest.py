"""One Airflow home, one API, one moto and one database for all tests: starting them takes longer than a test."""

from __future__ import annotations

import socket
from datetime import date

import local
import pytest

DAYS = [date(2026, 1, day) for day in range(1, 11)]


def pytest_configure(config):
    # Airflow's own, about its own code.
    config.addinivalue_line("filterwarnings", "ignore:Using Connection.get_connection_from_secrets:DeprecationWarning")
    config.addinivalue_line("filterwarnings", "ignore:fully NULL primary key identity")


@pytest.fixture(scope="session")
def services(tmp_path_factory):
    return local.start(tmp_path_factory.mktemp("airflow"))


@pytest.fixture(scope="session", autouse=True)
def loopback_only():
    """A test that would leave this machine fails."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test connects to {address}")
        return connect(self, address)

    socket.socket.connect = guarded
    yield
    socket.socket.connect = connect


@pytest.fixture
def world(services):
    """The services as a run should find them: data for ten days, nothing written, no fault."""
    services.api.faults, services.api.asked = [], []
    services.aws.allow()
    services.aws.clear()
    services.aws.messages()
    services.database.fill([row for day in DAYS for row in local.receipts_on(day)])
    with local.driver(services.database):
        yield services
