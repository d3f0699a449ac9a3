"""Keeps a session with Celery alive: sees what died, settles what it took along, and brings back what is ours."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from ..errors import BridgeError
from .base import EngineHost
from .celery_link import OUTAGES, CeleryLink
from .celery_local import LocalCelery
from .celery_roster import Roster
from .celery_table import ChunkTable
from .celery_watch import LOOK_S, Watch

TICK_S = 0.2
OUTAGE_S = 30.0
"""After so long without Redis, open attempts end `unknown`: they may still run, nobody can tell."""
RESTART_S_MAX = 30.0
"""Longest pause between two tries to start a local engine again."""


class Keeper:
    """One session's watchman. `reopen` makes a new link after a local engine was started anew."""

    def __init__(
        self,
        host: EngineHost,
        table: ChunkTable,
        link: CeleryLink,
        local: LocalCelery | None,
        reopen: Callable[[LocalCelery], Awaitable[CeleryLink]],
        slots_asked: int | None,
    ) -> None:
        self._host = host
        self._table = table
        self._local = local
        self._reopen = reopen
        self._slots_asked = slots_asked
        self._watch = Watch()
        self._silent_since: float | None = None
        self._task: asyncio.Task[None] | None = None
        self.link = link
        self.roster = Roster()
        self.slots = slots_asked or 1
        self.is_ready = True
        self.reason = ""

    def start(self) -> None:
        """Begins to watch."""
        self._task = asyncio.create_task(self._keep())

    async def stop(self, reason: str) -> None:
        """Ends the watching; nothing is taken in any more."""
        self.is_ready = False
        self.reason = reason
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def wait_for_local(self, local: LocalCelery) -> None:
        """Until the fresh worker is seen: it is the only one, so its first beat is proof. Raises BridgeError."""
        self.roster = Roster()

        async def look() -> None:
            while not self.roster.workers:
                with contextlib.suppress(*OUTAGES):
                    await self.link.call_roll(self.roster)
                await asyncio.sleep(0.02)

        looking = asyncio.create_task(look())
        try:
            await local.wait_for_worker(lambda: bool(self.roster.workers))
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
        self.slots = sum(worker.slots for worker in self.roster.workers.values())

    def count_slots(self) -> int:
        """Slots of the workers that serve the queue; the last known number when there is none."""
        if self._slots_asked is not None and self._local is None:
            return self._slots_asked
        now = asyncio.get_running_loop().time()
        workers = self.roster.serving(self.link.settings.queue, now)
        return sum(worker.slots for worker in workers) or self.slots

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        next_look = loop.time() + LOOK_S
        while True:
            await asyncio.sleep(TICK_S)
            now = loop.time()
            self._table.doubt_overdue(now)
            local = self._local
            died = local.what_died() if local is not None else None
            if local is not None and died == "worker":
                await self._replace_worker(local)
            elif local is not None and died == "redis":
                await self._replace_all(local)
            elif now >= next_look:
                next_look = now + LOOK_S
                await self._look(now)

    async def _look(self, now: float) -> None:
        table, link = self._table, self.link
        sent = table.sent()
        doubted = list(table.doubted)
        try:
            dead = await link.call_roll(self.roster)
            sight = await link.look(doubted)
            await link.renew()
        except OUTAGES as error:
            self._endure(now, error)
            return
        for name in doubted:
            table.doubted.pop(name, None)
        if dead:
            self._host.log("warn", f"Celery workers without a sign of life: {', '.join(sorted(dead))}")
        self._silent_since = None
        self._set_ready("Redis answers again.")
        slots = self.count_slots()
        if slots != self.slots:
            self.slots = slots
            self._host.resize(slots)
        if not link.reader.is_behind:
            for loss in self._watch.look(now, sent, sight.tickets, sight.running, self.roster):
                table.lose(loss.chunk, loss.reason)

    def _endure(self, now: float, error: BaseException) -> None:
        """Redis does not answer: waits for it, but not for ever."""
        reason = f"Redis does not answer: {type(error).__name__}: {error}"
        if self._silent_since is None:
            # Once may be chance; the next look decides.
            self._silent_since = now
            return
        self._set_down(reason)
        self.link.renew_soon()
        if now - self._silent_since > OUTAGE_S:
            self._table.doubt_all(reason)

    async def _replace_worker(self, local: LocalCelery) -> None:
        """The only worker died: takes in what it delivered, takes back what it had not begun, starts another."""
        reason = "The local Celery worker ended."
        self._host.state("degraded", reason)
        with contextlib.suppress(*OUTAGES):
            await self.link.reader.drain()
        try:
            for name in await self.link.withdraw(self._table.sent()):
                self._table.drop(name)
            self._table.lose_all(reason)
            await self.link.forget_workers()
            local.start_worker()
            await self.wait_for_local(local)
        except (BridgeError, *OUTAGES) as error:
            self._host.log("error", f"The local Celery worker cannot be started again: {error}")
            await self._replace_all(local)
            return
        self._host.state("ready", f"{reason} Another one was started.")

    async def _replace_all(self, local: LocalCelery) -> None:
        """Redis died, and with it everything: starts from nothing."""
        reason = "The local Redis of Celery ended."
        self._set_down(reason)
        self._table.lose_all(reason)
        delay = 0.5
        while True:
            try:
                await self.link.close()
                await local.stop()
                self.link = await self._reopen(local)
                await self.wait_for_local(local)
                break
            except (BridgeError, *OUTAGES) as error:
                self._host.log("warn", f"The local Celery cannot be started again yet: {error}")
            await asyncio.sleep(delay)
            delay = min(RESTART_S_MAX, delay * 2)
        self._set_ready(f"{reason} It was started again; what was stored is gone.")

    def _set_down(self, reason: str) -> None:
        self.reason = reason
        if self.is_ready:
            self.is_ready = False
            self._host.state("down", reason)

    def _set_ready(self, reason: str) -> None:
        if not self.is_ready:
            self.is_ready = True
            self._host.state("ready", reason)
