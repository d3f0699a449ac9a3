"""
The Redis keys of a session behind Celery, and the scripts that change them. Workers and the bridge meet here.

A *ticket* is the right to run a chunk: the bridge writes it before it publishes the message, a worker removes it
before it runs. So a message that the broker delivers again finds no ticket and does nothing, a ticket withdrawn
proves that its chunk never ran, and a session without tickets leaves nothing that could still run.
"""

from __future__ import annotations

from dataclasses import dataclass

TASK_NAME = "anant.call"
DEFAULT_NAMESPACE = "anant"
DEFAULT_QUEUE = "anant"
LEASE_TTL_S = 60
"""Tickets vanish this long after their bridge last renewed them: what a dead bridge left queued never runs."""
LEASE_S = 15.0
SESSION_TTL_S = 3_600
"""Everything else of a session vanishes this long after it was last renewed."""
RENEW_S = 300.0
"""How often both are renewed."""
PART_BYTES = 8 << 20
"""Large payloads are cut into values of this size; Redis allows 512 MB, but blocks while it copies one."""
INLINE_BYTES_MAX = 256 << 10
"""Payloads up to this size travel inside the message or the stream entry."""

CLAIM_SCRIPT = """
if redis.call('SREM', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
"""
"""Takes a ticket (KEYS tickets, running; ARGV chunk, worker, ttl). 1 when it was there."""

DELIVER_SCRIPT = """
redis.call('HDEL', KEYS[2], ARGV[1])
if redis.call('EXISTS', KEYS[3]) == 0 then return 0 end
redis.call('XADD', KEYS[1], '*', 'c', ARGV[1], 'k', ARGV[2], 'd', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
"""
"""Delivers an end (KEYS results, running, lease; ARGV chunk, kind, data, ttl). 0 when the session is over."""


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """The keys of one session. The braces keep them on one node of a Redis Cluster."""

    prefix: str

    @staticmethod
    def of(namespace: str, session: str) -> SessionKeys:
        """The keys of a session in a namespace."""
        return SessionKeys(f"{namespace}:{{{session}}}:")

    @property
    def lease(self) -> str:
        """Exists while the session does."""
        return self.prefix + "lease"

    @property
    def tickets(self) -> str:
        """Set of chunks that may still be begun."""
        return self.prefix + "tickets"

    @property
    def running(self) -> str:
        """Hash of chunks that were begun and have not ended, to the worker that runs each."""
        return self.prefix + "running"

    @property
    def results(self) -> str:
        """Stream of how chunks ended."""
        return self.prefix + "results"

    def part(self, name: str, index: int) -> str:
        """One piece of a large payload."""
        return f"{self.prefix}part:{name}:{index}"


def order_part(chunk: str) -> str:
    """Name of the parts of a chunk's payload."""
    return f"order:{chunk}"


def result_part(chunk: str) -> str:
    """Name of the parts of a chunk's result."""
    return f"result:{chunk}"


def object_part(object_id: str) -> str:
    """Name of the parts of a stored object."""
    return f"object:{object_id}"


def beats_key(namespace: str) -> str:
    """Hash of worker name to its latest beat, a JSON map."""
    return f"{namespace}:workers"
