"""Waits for Dask's keys, fetches results many at a time, and tells the ways apart in which a key can end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from distributed import Client, Future

from ..attempt import Chunk
from ..packed import Packed
from ..worker.call import CallResult, Record
from . import dask_worker
from .base import EngineHost

Spawn = Callable[[Coroutine[Any, Any, Any]], None]


class DaskEnds:
    """
    Holds every open chunk and its Future: dropping the last Future of a key would make Dask forget the result.
    `keep` stores the Future of a kept result, or says why not.
    """

    def __init__(
        self,
        host: EngineHost,
        spawn: Spawn,
        client: Callable[[], Client | None],
        keep: Callable[[str, Future], str | None],
    ) -> None:
        self._host = host
        self._spawn = spawn
        self._client = client
        self._keep = keep
        self._open: dict[str, tuple[Chunk, Future]] = {}
        self._revoked: set[str] = set()
        self._ended: list[tuple[Chunk, Future]] = []
        self._collecting = False

    def watch(self, chunk: Chunk, future: Future) -> None:
        """Takes a submitted chunk; it ends by one call of the host."""
        self._open[chunk.id] = (chunk, future)
        self._spawn(self._await_end(chunk, future))

    def revoke(self, chunks: list[Chunk]) -> list[Future]:
        """The Futures to cancel for chunks to take back."""
        held = [self._open[chunk.id] for chunk in chunks if chunk.id in self._open]
        self._revoked.update(chunk.id for chunk, _ in held)
        return [future for _, future in held]

    def clear(self) -> None:
        """Forgets everything; the host settles what was open."""
        self._open.clear()
        self._ended.clear()

    async def _await_end(self, chunk: Chunk, future: Future) -> None:
        error = await future.exception(asynchronous=True)
        if future.status != "finished":
            self._fail(chunk, future, error)
            return
        self._ended.append((chunk, future))
        if not self._collecting:
            self._collecting = True
            self._spawn(self._collect())

    async def _collect(self) -> None:
        """Fetches everything that has ended, many results in one request."""
        try:
            while self._ended and (client := self._client()) is not None:
                batch, self._ended = self._ended, []
                kept = [entry for entry in batch if entry[0].keeps_result]
                fetched = [entry for entry in batch if not entry[0].keeps_result]
                if kept:
                    await self._collect_kept(client, kept)
                if fetched:
                    await self._collect_values(client, fetched)
        finally:
            self._collecting = False

    async def _collect_values(self, client: Client, batch: list[tuple[Chunk, Future]]) -> None:
        try:
            results = await client.gather([future for _, future in batch], asynchronous=True, direct=True)
        except Exception:
            # A result was lost after its task had ended: find out which, one by one.
            for chunk, future in batch:
                await self._collect_one(client, chunk, future)
            return
        for (chunk, future), result in zip(batch, results, strict=True):
            self._finish(chunk, future, result)

    async def _collect_one(self, client: Client, chunk: Chunk, future: Future) -> None:
        try:
            result = await client.gather(future, asynchronous=True, direct=True)
        except (asyncio.CancelledError, Exception) as error:
            if isinstance(error, asyncio.CancelledError) and future.status not in ("cancelled", "lost"):
                raise
            self._fail(chunk, future, error if future.status == "error" else None)
        else:
            self._finish(chunk, future, result)

    async def _collect_kept(self, client: Client, batch: list[tuple[Chunk, Future]]) -> None:
        try:
            sizes = await client.scheduler.nbytes(keys=[future.key for _, future in batch], summary=False)
        except OSError:
            for chunk, future in batch:
                self._fail(chunk, future, None)
            return
        for chunk, future in batch:
            if self._open.pop(chunk.id, None) is None:
                continue
            problem = self._keep(chunk.object_id, future)
            if problem is not None:
                self._host.refuse(chunk, "E_QUEUE_FULL", problem, "Release objects after use.")
                continue
            record = Record(0, "ok-reference", [chunk.object_id, int(sizes.get(future.key, 0))])
            self._host.finish(chunk, CallResult("dask", True, [record]).pack())

    def _finish(self, chunk: Chunk, future: Future, result: Packed) -> None:
        if self._open.pop(chunk.id, None) is not None:
            self._host.finish(chunk, result)
        future.release()

    def _fail(self, chunk: Chunk, future: Future, error: BaseException | None) -> None:
        if self._open.pop(chunk.id, None) is None:
            return
        kind = type(error).__name__
        if isinstance(error, dask_worker.TaskEndedError):
            self._host.finish(chunk, error.meta)
        elif chunk.id in self._revoked:
            self._host.drop(chunk)
        elif error is None:
            self._host.lose(chunk, "The connection to the Dask scheduler was lost.")
        elif kind == "KilledWorker":
            reason = "The Dask worker that held the task died."
            self._host.lose(chunk, reason, suspect=True)
        elif kind == "NoValidWorkerError":
            self._host.refuse(
                chunk, "E_CAPABILITY_MISSING", str(error), "Ask for resources that workers offer."
            )
        else:
            self._host.lose(chunk, f"Dask could not run the task: {kind}: {error}")
        self._revoked.discard(chunk.id)
        future.release()
