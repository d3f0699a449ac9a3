"""What a message of the task `anant.call` says: the one layout between bridge and workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .celery_carry import Carried
from .celery_keys import object_part

ORDER_VERSION = 1


class OrderVersionError(Exception):
    """The message is of another version of this package."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """Where the value of a stored object lies: inline, or as parts under `object:<id>`."""

    id: str
    carried: Carried

    @property
    def part_name(self) -> str:
        """Name of its parts."""
        return object_part(self.id)


@dataclass(frozen=True, slots=True)
class Order:
    """One chunk to execute."""

    prefix: str
    chunk: str
    payload: Carried
    objects: Sequence[StoredObject] = ()
    keep_as: str | None = None
    """Id under which the result is kept, when it is wanted by reference."""

    def to_args(self) -> list[Any]:
        """As positional arguments of the Celery task."""
        objects = [[item.id, item.carried] for item in self.objects]
        return [ORDER_VERSION, self.prefix, self.chunk, self.payload, objects, self.keep_as]

    @staticmethod
    def from_args(args: Sequence[Any]) -> Order:
        """Reads the arguments. Raises OrderVersionError."""
        if len(args) != 6 or args[0] != ORDER_VERSION:
            raise OrderVersionError(f"this worker reads orders of version {ORDER_VERSION}")
        _, prefix, chunk, payload, objects, keep_as = args
        return Order(prefix, chunk, payload, [StoredObject(*row) for row in objects], keep_as)
