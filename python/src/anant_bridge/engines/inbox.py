"""Hands items from an engine's own threads to the event loop: in order, many at a time, one wake-up per batch."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Inbox(Generic[Item]):
    """`handle` runs on the loop with everything that arrived since its last call. It must not raise."""

    def __init__(self, loop: asyncio.AbstractEventLoop, handle: Callable[[list[Item]], None]) -> None:
        self._loop = loop
        self._handle = handle
        self._items: deque[Item] = deque()
        self._woken = False

    def put(self, item: Item) -> None:
        """Adds an item, from any thread. Bounded by what the engine has open: every item ends something."""
        self._items.append(item)
        if not self._woken:
            self._woken = True
            try:
                self._loop.call_soon_threadsafe(self._drain)
            except RuntimeError:
                # The loop is closed: nobody waits for results any more.
                self._items.clear()

    def _drain(self) -> None:
        # Cleared first: an item added from here on wakes the loop again, at worst for nothing.
        self._woken = False
        batch: list[Item] = []
        while self._items:
            batch.append(self._items.popleft())
        if batch:
            self._handle(batch)
