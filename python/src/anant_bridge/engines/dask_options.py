"""Options of the Dask engine, checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from .option_reader import OptionReader

WINDOW_DEFAULT = 4096
PAYLOAD_BYTES_DEFAULT = 2**31


@dataclass(frozen=True, slots=True)
class DaskOptions:
    """Where the cluster is, or how large a local one is."""

    address: str | None
    workers: int
    threads_per_worker: int
    memory_bytes_max: int | None
    """Of each local worker; None lets Dask share out the machine's memory."""
    slots: int | None
    window: int
    payload_bytes_max: int
    tls: Mapping[str, str] | None


def read_options(options: Mapping[str, object]) -> DaskOptions:
    """Checks an options map. Raises BridgeError E_CONFIG_INVALID."""
    reader = OptionReader(options)
    reader.only("address", "local", "slots", "window", "payload_bytes_max", "tls", "node_memory_bytes_max")
    local = reader.map("local") or OptionReader({}, "options.local")
    local.only("workers", "threads_per_worker", "memory_bytes_max")
    reader.whole("node_memory_bytes_max", 1 << 20, 1 << 50)
    tls = reader.map("tls")
    files: dict[str, str] | None = None
    if tls is not None:
        tls.only("ca_file", "cert_file", "key_file")
        files = {key: path for key in ("ca_file", "cert_file", "key_file") if (path := tls.text(key))}
    slots = reader.whole("slots", 1, 1_000_000)
    return DaskOptions(
        address=reader.text("address"),
        workers=local.whole("workers", 1, 1024) or slots or os.cpu_count() or 1,
        threads_per_worker=local.whole("threads_per_worker", 1, 256) or 1,
        memory_bytes_max=local.whole("memory_bytes_max", 1 << 26, 1 << 50),
        slots=slots,
        window=reader.whole("window", 1, 1_000_000) or WINDOW_DEFAULT,
        payload_bytes_max=reader.whole("payload_bytes_max", 1024, 1 << 40) or PAYLOAD_BYTES_DEFAULT,
        tls=files,
    )
