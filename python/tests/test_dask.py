"""Every clause on a local Dask cluster, and what is particular to Dask."""

from __future__ import annotations

import pytest
from bridge_client import BridgeClient
from engine_clauses import EngineClauses

pytest.importorskip("distributed")


class TestDask(EngineClauses):
    @pytest.fixture
    def client(self, dask: BridgeClient) -> BridgeClient:
        return dask
