"""What a worker must know about the session whose chunk it runs; it travels with every chunk."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import msgpack


@dataclass(frozen=True, slots=True)
class CurveKeys:
    """Keys for the side channel outside loopback: the bridge's public key and the session's client pair (Z85)."""

    server: str
    public: str
    secret: str


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """Facts of one session, the same for all its chunks."""

    id: str
    endpoint: str
    """Where the bridge's side channel listens."""
    token: str
    engine: str
    payload_max: int
    node_exec: str | None = None
    node_host: str | None = None
    node_memory_bytes_max: int | None = None
    python_path: list[str] = field(default_factory=list)
    spool: str | None = None
    """Directory shared with the bridge, or None when the engine's workers may run elsewhere."""
    claims: str | None = None
    """Directory for claim files, only when workers run on the bridge's machine."""
    curve: CurveKeys | None = None

    def pack(self) -> bytes:
        """The session as it travels."""
        packed: bytes = msgpack.packb(asdict(self))
        return packed

    @staticmethod
    def unpack(data: bytes) -> SessionInfo:
        """Reads a packed session."""
        fields = msgpack.unpackb(data, raw=False)
        curve = fields.pop("curve")
        return SessionInfo(**fields, curve=CurveKeys(**curve) if curve else None)
