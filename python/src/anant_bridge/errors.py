"""Errors with a stable code and advice. The codes are those of the client's table; no new ones are made here."""

from __future__ import annotations

from collections.abc import Mapping


class BridgeError(Exception):
    """A failure of the bridge or an engine. `advice` says what to do about it, in one sentence."""

    def __init__(
        self, code: str, message: str, advice: str = "", details: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.advice = advice
        self.details: dict[str, object] = dict(details or {})

    def __reduce__(self) -> tuple[object, ...]:
        return (BridgeError, (self.code, self.message, self.advice, self.details))

    def to_map(self) -> dict[str, object]:
        """The error as it crosses the wire in a `reply`."""
        return {"code": self.code, "message": self.message, "advice": self.advice}
