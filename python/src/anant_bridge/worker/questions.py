"""Questions a worker's threads ask the bridge over the side channel, and wait for the answer with a deadline."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


class Questions(Generic[Key, Answer]):
    """One kind of question. `wake` makes the side channel's thread look for new ones. Thread-safe."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._arrived = threading.Condition()
        self._asked: deque[Key] = deque()
        self._waiting: dict[Key, int] = {}
        self._answers: dict[Key, Answer] = {}
        self._closed = False

    def ask(self, key: Key, timeout: float) -> Answer | None:
        """The answer, or None when it does not come in time or the channel ends."""
        with self._arrived:
            self._waiting[key] = self._waiting.get(key, 0) + 1
            self._asked.append(key)
            self._wake()
            self._arrived.wait_for(lambda: key in self._answers or self._closed, timeout)
            answer = self._answers.get(key)
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key]
                self._answers.pop(key, None)
            return answer

    def take(self) -> Key | None:
        """The next question to send."""
        return self._asked.popleft() if self._asked else None

    def answer(self, key: Key, answer: Answer) -> None:
        """An answer came; nobody may be waiting any more."""
        with self._arrived:
            if key in self._waiting:
                self._answers[key] = answer
                self._arrived.notify_all()

    def close(self) -> None:
        """Nobody will answer any more."""
        with self._arrived:
            self._closed = True
            self._arrived.notify_all()
