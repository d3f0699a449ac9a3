"""Exceptions of user code as bounded data: type, message, cause chain and traceback as text."""

from __future__ import annotations

import traceback
from typing import Any

from ..errors import BridgeError

MESSAGE_CHARS_MAX = 8_192
TRACEBACK_CHARS_MAX = 32_768
CAUSES_MAX = 8
"""Longer texts and chains are cut; the cut is marked."""


def describe(error: BaseException, *, skip_frames: int = 0) -> dict[str, Any]:
    """
    The exception as `RemoteErrorData`. `skip_frames` leaves out the runtime's own frames at the outer end of the
    traceback.
    """
    return _describe(error, CAUSES_MAX, skip_frames)


def _describe(error: BaseException, causes_left: int, skip_frames: int) -> dict[str, Any]:
    data: dict[str, Any] = {
        "type": type(error).__name__,
        "message": _cut(_message(error), MESSAGE_CHARS_MAX),
    }
    if isinstance(error, BridgeError):
        # Our own finding about a value or task: where in the runtime it was found helps nobody.
        data["code"] = error.code
        data["retryable"] = False
        return data
    data["traceback"] = _traceback(error, skip_frames)
    code = getattr(error, "code", None)
    if isinstance(code, str) and code.startswith("E_"):
        data["code"] = code
    elif isinstance(error, MemoryError):
        data["code"] = "E_OUT_OF_MEMORY"
    retryable = getattr(error, "retryable", None)
    if isinstance(retryable, bool):
        data["retryable"] = retryable
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and cause is not error:
        if causes_left > 1:
            data["cause"] = _describe(cause, causes_left - 1, 0)
        else:
            data["cause"] = {"type": type(cause).__name__, "message": "… (the chain of causes goes on)"}
    return data


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception as broken:
        return f"<the message itself raised {type(broken).__name__}>"
    return text.encode("utf-8", "backslashreplace").decode()


def _traceback(error: BaseException, skip_frames: int) -> str:
    trace = error.__traceback__
    for _ in range(skip_frames):
        if trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
    try:
        lines = traceback.format_exception(type(error), error, trace, chain=False)
    except Exception:
        return ""
    return _cut("".join(lines).encode("utf-8", "backslashreplace").decode(), TRACEBACK_CHARS_MAX)


def _cut(text: str, size_max: int) -> str:
    if len(text) <= size_max:
        return text
    # The end of a traceback says what happened, the start says where it began.
    head = size_max // 4
    return f"{text[:head]}\n… ({len(text) - size_max} characters left out) …\n{text[head - size_max :]}"
