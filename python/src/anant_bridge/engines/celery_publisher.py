"""
Publishes orders from one thread of its own, because publishing may block. Nothing is ever sent twice: a message
whose fate is not known is reported, and its ticket is taken back as soon as the store answers.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import redis
from celery import Celery
from redis.connection import Connection

from .celery_carry import carry
from .celery_keys import LEASE_TTL_S, SESSION_TTL_S, TASK_NAME, SessionKeys, order_part
from .celery_order import Order, StoredObject

SOCKET_TIMEOUT_S = 3.0
"""Per operation on a socket; with the few operations of one message, publishing ends well before its deadline."""
REDIS_LIMITS = {
    "socket_timeout": SOCKET_TIMEOUT_S,
    "socket_connect_timeout": SOCKET_TIMEOUT_S,
    "max_retries": 1,
}
AMQP_LIMITS = {
    "connect_timeout": SOCKET_TIMEOUT_S,
    "read_timeout": SOCKET_TIMEOUT_S,
    "write_timeout": SOCKET_TIMEOUT_S,
    "max_retries": 1,
    # Without it a message the broker refuses vanishes without a word.
    "confirm_publish": True,
}
"""Transport options under which publishing cannot block for long."""
SERIALIZER = "msgpack"
PERSISTENT = 2
PRIORITY_STEPS = (0, 3, 6, 9)
"""Redis transport: 0 is served first. AMQP is told nothing, its queues need a declared maximum."""
_FAULTS = (redis.RedisError, OSError)

Fate: TypeAlias = Literal["not-sent", "doubt"]


@dataclass(slots=True)
class Letter:
    """
    One chunk to publish. `payload` is packed already; `is_sent` is set once the broker has it, `parts` to the number
    of parts a large payload was cut into.
    """

    chunk: str
    payload: bytes
    objects: Sequence[StoredObject]
    keep_as: str | None
    priority: float
    is_sent: bool = False
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """A letter that was certainly not sent, or whose fate is not known."""

    chunk: str
    fate: Fate
    reason: str


class Publisher:
    """One thread and its connections. `report` is called on that thread, for failures only."""

    def __init__(
        self,
        app: Celery,
        store: redis.Redis,
        keys: SessionKeys,
        queue_name: str,
        report: Callable[[Failure], None],
        *,
        has_priorities: bool,
    ) -> None:
        self._app = app
        self._store = store
        self._keys = keys
        self._queue_name = queue_name
        self._report = report
        self._has_priorities = has_priorities
        self._letters: queue.SimpleQueue[list[Letter] | None] = queue.SimpleQueue()
        self._connection: Any = None
        self._producer: Any = None
        self.trouble: str | None = None
        """Why the last message could not be published, until one could."""
        self._thread = threading.Thread(target=self._serve, name="anant-publisher", daemon=True)
        self._thread.start()

    def publish(self, letters: list[Letter]) -> None:
        """Queues letters; never blocks. Bounded by the window of open attempts."""
        self._letters.put(letters)

    def close(self, timeout: float) -> None:
        """Ends the thread after what is queued; gives up waiting after `timeout` seconds."""
        self._letters.put(None)
        self._thread.join(timeout)

    def _serve(self) -> None:
        while (batch := self._letters.get()) is not None:
            self._send_batch(batch)
        self._disconnect()

    def _send_batch(self, batch: list[Letter]) -> None:
        try:
            orders = [(letter, self._prepare(letter)) for letter in batch]
            tickets = self._write_tickets([letter.chunk for letter in batch])
        except _FAULTS as error:
            # No message without a ticket: whatever reached the store cannot run.
            self.trouble = _text(error)
            for letter in batch:
                self._report(Failure(letter.chunk, "not-sent", _text(error)))
            return
        for letter, order in orders:
            try:
                self._send(letter, order)
                letter.is_sent = True
                letter.payload = b""
                self.trouble = None
            except Exception as error:
                self.trouble = _text(error)
                self._disconnect()
                self._report(self._judge(letter, error))
        self._confirm_tickets(tickets, batch)

    def _write_tickets(self, chunks: list[str]) -> Connection:
        """
        Sends the tickets without waiting for the answer: Redis reads them long before a worker can ask for one.
        Returns the connection on which the answer comes. Raises one of _FAULTS.
        """
        connection = self._store.connection_pool.get_connection()
        keys = self._keys.tickets
        commands = [("SADD", keys, *chunks), ("EXPIRE", keys, LEASE_TTL_S)]
        try:
            connection.send_packed_command(connection.pack_commands(commands))
        except BaseException:
            connection.disconnect()
            self._store.connection_pool.release(connection)
            raise
        return connection

    def _confirm_tickets(self, connection: Connection, batch: list[Letter]) -> None:
        """Reads the answer. Without it the messages may do nothing, so their fate is decided now."""
        try:
            connection.read_response()
            connection.read_response()
        except _FAULTS as error:
            connection.disconnect()
            for letter in batch:
                self._report(self._judge(letter, error))
        finally:
            self._store.connection_pool.release(connection)

    def _prepare(self, letter: Letter) -> Order:
        def store(index: int, part: bytes) -> None:
            letter.parts = index + 1
            self._store.set(self._keys.part(order_part(letter.chunk), index), part, ex=SESSION_TTL_S)

        payload = carry(letter.payload, store)
        return Order(self._keys.prefix, letter.chunk, payload, letter.objects, letter.keep_as)

    def _send(self, letter: Letter, order: Order) -> None:
        if self._producer is None:
            self._connection = self._app.connection_for_write()
            self._connection.ensure_connection(max_retries=1, timeout=SOCKET_TIMEOUT_S)
            self._producer = self._app.amqp.Producer(self._connection, auto_declare=False)
            _reuse_client(self._producer.channel)
            # Where queues must exist before a message may name them, a worker may not have come yet.
            self._app.amqp.queues[self._queue_name].bind(self._producer.channel).declare()
        message = self._app.amqp.create_task_message(
            letter.chunk, TASK_NAME, order.to_args(), {}, argsrepr="", kwargsrepr="", ignore_result=True
        )
        options = dict(message.properties)
        if self._has_priorities:
            options["priority"] = to_step(letter.priority)
        self._producer.publish(
            message.body,
            exchange="",
            routing_key=self._queue_name,
            headers=message.headers,
            serializer=SERIALIZER,
            delivery_mode=PERSISTENT,
            retry=False,
            **options,
        )

    def _judge(self, letter: Letter, error: Exception) -> Failure:
        """After a failed publish: without its ticket, the message can do nothing even if the broker has it."""
        try:
            if self._store.srem(self._keys.tickets, letter.chunk):
                return Failure(letter.chunk, "not-sent", _text(error))
            return Failure(
                letter.chunk, "doubt", f"a worker took it although publishing failed: {_text(error)}"
            )
        except _FAULTS:
            return Failure(letter.chunk, "doubt", _text(error))

    def _disconnect(self) -> None:
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.collapse()


def _reuse_client(channel: Any) -> None:
    """Kombu's Redis channel makes a client object for every message, which costs more than to send it."""
    make = getattr(channel, "_create_client", None)
    if make is not None:
        client = make()
        channel._create_client = lambda asynchronous=False: (
            make(asynchronous=True) if asynchronous else client
        )


def to_step(priority: float) -> int:
    """The Redis transport's bucket. Higher is more urgent for us, lower for it; 0 is our default."""
    if priority >= 10:
        return PRIORITY_STEPS[0]
    if priority > 0:
        return PRIORITY_STEPS[1]
    return PRIORITY_STEPS[2] if priority == 0 else PRIORITY_STEPS[3]


def _text(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]
