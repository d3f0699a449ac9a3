"""Collects events and sends them to the client as few messages: at once when idle, together under load."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from .packed import Buffer, FileBuffer
from .spool import Spool, discard, map_file

EVENTS_MAX = 512
"""Most events of one message."""
FRAMES_MAX = 16_384
"""Most buffers of one message."""
BYTES_MAX = 8 << 20
"""Bytes of bodies after which a message is closed; the limit of the protocol is 64 MiB."""
RETRY_S = 0.005

SendEvents = Callable[[list[Any], list[Buffer]], bool]


class Outbox:
    """`send` gets a list of events and their buffers, and says whether the socket took them."""

    def __init__(self, send: SendEvents, spool: Spool | None) -> None:
        self._loop = asyncio.get_running_loop()
        self._send = send
        self._spool = spool
        self._waiting: deque[tuple[list[Any], list[Buffer]]] = deque()
        self._scheduled = False

    def put(self, event: list[Any], buffers: list[Buffer]) -> None:
        """Adds an event. Bounded by the window and the credits: every event belongs to an open attempt."""
        self._waiting.append((event, buffers))
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Sends what waits. When the socket is full, tries again soon; nothing is dropped."""
        self._scheduled = False
        while self._waiting:
            batch = [(event, [self.carried(b) for b in owned]) for event, owned in self._batch()]
            if not self._send([event for event, _ in batch], [b for _, owned in batch for b in owned]):
                self._waiting.extendleft(reversed(batch))
                self._scheduled = True
                self._loop.call_later(RETRY_S, self.flush)
                return

    def carried(self, buffer: Buffer) -> Buffer:
        """A buffer as it goes to the client: in a file when a directory is shared, in memory otherwise."""
        if self._spool is not None:
            return self._spool.store(buffer)
        if not isinstance(buffer, FileBuffer):
            return buffer
        mapped = map_file(buffer)
        discard([buffer])
        return mapped

    def _batch(self) -> list[tuple[list[Any], list[Buffer]]]:
        batch: list[tuple[list[Any], list[Buffer]]] = []
        frames = size = 0
        while self._waiting and len(batch) < EVENTS_MAX and frames < FRAMES_MAX and size < BYTES_MAX:
            event, owned = self._waiting.popleft()
            batch.append((event, owned))
            frames += len(owned)
            size += 64 + _body_size(event)
        return batch


def _body_size(event: list[Any]) -> int:
    detail = event[-2] if event[0] == "end" else event[-1]
    if isinstance(detail, list) and detail and isinstance(detail[0], (bytes, str)):
        return len(detail[0])
    if isinstance(detail, dict):
        return sum(len(value) for value in detail.values() if isinstance(value, str))
    return 0
