"""What a dispatcher needs from the session around it, and how a chunk is packed for its worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .attempt import Chunk
from .ledger import Emit
from .packed import Buffer, FileBuffer, Packed
from .side_channel import SideChannel
from .spool import map_file
from .worker.call import Call, CallItem


@dataclass(slots=True)
class Surroundings:
    """What a dispatcher needs from the session around it; the last four are known once the engine runs."""

    session: str
    engine_name: str
    python_path: Sequence[str]
    scratch: str
    spool: str
    claims: str
    emit: Emit
    log: Callable[[str, str], None]
    find_blob: Callable[[str], bytes | None]
    session_info: bytes = b""
    """Packed `SessionInfo`, sent with every chunk."""
    shares_files: bool = False
    """Whether workers see the spool and the claims directory."""
    channel: SideChannel | None = None

    def pack(self, chunk: Chunk, *, inline_blob: bool) -> Packed:
        """The payload for `run_chunk`; with the kernel's bytes for workers that could not ask for them."""
        first = chunk.attempts[0]
        sha256 = first.definition.data.get("blob")
        return Call(
            chunk=chunk.id,
            session=self.session_info,
            definition=dict(first.definition.data),
            digest=first.definition.digest,
            output=first.options.output,
            memory_bytes=first.options.memory_bytes,
            references=list(first.references),
            items=[CallItem(a.id, a.number, a.body, self._carried(a.buffers)) for a in chunk.attempts],
            needs_permit=first.options.delivery == "at-most-once",
            blob=self.find_blob(sha256) if inline_blob and sha256 else None,
        ).pack()

    def _carried(self, buffers: list[Buffer]) -> list[Buffer]:
        if self.shares_files:
            return buffers
        return [map_file(b) if isinstance(b, FileBuffer) else b for b in buffers]
