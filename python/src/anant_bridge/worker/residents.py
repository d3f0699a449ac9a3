"""Actors that live in this process: instances of Python classes, and Node children that hold those of TypeScript."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ..errors import BridgeError
from . import python_task
from .call import Call
from .node_host import NodeChild, NodeHost, NodeOptions


class Residents:
    """By the id of the actor. Only the chunk that runs touches an actor: an engine calls it one at a time."""

    def __init__(self, node: NodeHost) -> None:
        self._node = node
        self._lock = threading.Lock()
        self._instances: dict[str, object] = {}
        self._children: dict[str, NodeChild] = {}

    def keep(self, actor: str, instance: object) -> None:
        """Keeps what a Python class made."""
        with self._lock:
            self._instances[actor] = instance

    def method(self, actor: str, name: str) -> tuple[Callable[..., Any], int]:
        """A method, and how many arguments it takes. Raises BridgeError."""
        instance = self._instances.get(actor)
        if instance is None:
            raise gone(actor)
        found = None if name.startswith("_") else getattr(instance, name, None)
        if not callable(found):
            raise BridgeError(
                "E_TASK_NOT_FOUND",
                f'The actor has no method "{name}".',
                "Call a method that its class declares.",
            )
        return found, python_task.arity(found)

    def take_child(self, call: Call, options: NodeOptions) -> NodeChild:
        """The child for a TypeScript call: that of its actor, else any. Raises BridgeError."""
        if call.actor is None or call.method is None:
            return self._node.take(options)
        child = self._children.get(call.actor)
        if child is None:
            raise gone(call.actor)
        return child

    def leave_child(self, call: Call, child: NodeChild, *, made: bool) -> None:
        """After the call: an actor that was made keeps its child."""
        if child.process.poll() is not None:
            with self._lock:
                self._children = {actor: held for actor, held in self._children.items() if held is not child}
            self._node.discard(child)
        elif call.actor is None or (call.method is None and not made):
            self._node.give_back(child)
        else:
            with self._lock:
                self._children[call.actor] = child

    def drop(self, actor: str) -> None:
        """Ends an actor; unknown ids are ignored. Its child may run other tasks afterwards."""
        with self._lock:
            self._instances.pop(actor, None)
            child = self._children.pop(actor, None)
        if child is None:
            return
        try:
            child.send("forget", {})
        except OSError:
            self._node.discard(child)
        else:
            self._node.give_back(child)


def gone(actor: str) -> BridgeError:
    """Why a call of an actor that is not here cannot begin."""
    return BridgeError(
        "E_WORKER_EXITED",
        f'The actor "{actor}" does not live in this process any more.',
        "Start it again.",
    )
