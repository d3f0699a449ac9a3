"""What a dispatcher needs from the session around it, and how a chunk is packed for its worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .attempt import Chunk
from .ledger import Emit
from .packed import Buffer, FileBuffer, Packed
from .side_channel import SideChannel, WorkerLink
from .spool import discard_prefix, map_file
from .worker.call import Call, CallItem
from .worker.claims import Finding, find_claim, find_result, latest_claims


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
            actor=first.options.actor,
            method=first.options.method,
        ).pack()

    def kept_result(self, chunk: Chunk) -> Packed | None:
        """The result of a chunk that had ended although the engine could not deliver it, if it was kept."""
        return find_result(self.claims, chunk.id) if self.shares_files else None

    def discard_results(self, chunk: Chunk) -> None:
        """Removes the files of results that nobody will collect."""
        if self.shares_files:
            discard_prefix(self.spool, f"r.{chunk.id}.")

    def latest_claims(self, worker: WorkerLink) -> list[str]:
        """The chunk each thread of a worker took last, if that can be known."""
        return latest_claims(self.claims, worker.pid) if self.shares_files and worker.is_local else []

    def claim_of(self, chunk: Chunk) -> Finding:
        """What is known of how far a chunk came."""
        if not self.shares_files:
            return Finding("unclear")
        return find_claim(self.claims, chunk.id, chunk.submitted_ns)

    def _carried(self, buffers: list[Buffer]) -> list[Buffer]:
        if self.shares_files:
            return buffers
        return [map_file(b) if isinstance(b, FileBuffer) else b for b in buffers]
