"""Python tasks: resolved by import path, called with the input and, if they want it, the context."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from ..errors import BridgeError

_cache: dict[tuple[str, str], tuple[Callable[..., Any], int]] = {}
_cache_lock = threading.Lock()
CACHE_MAX = 4096
"""Resolved functions kept; the cache starts over when it is full."""


def resolve(target: str, version: str) -> tuple[Callable[..., Any], int]:
    """
    The function of `package.module:function`, and how many arguments it takes (0 to 2).
    Raises BridgeError E_TASK_NOT_FOUND or E_TASK_VERSION.
    """
    found = _cache.get((target, version))
    if found is not None:
        return found
    module_name, _, name = target.partition(":")
    if not name or module_name.partition(".")[0] == "__main__":
        raise BridgeError(
            "E_TASK_NOT_FOUND",
            f'"{target}" does not name a function that workers can import.',
            'Put the function into a module and name it "package.module:function"; __main__ cannot be imported.',
        )
    function = _import(module_name, name, target)
    _check_version(module_name, version, target)
    result = (function, arity(function))
    with _cache_lock:
        if len(_cache) >= CACHE_MAX:
            _cache.clear()
        _cache[target, version] = result
    return result


def call(function: Callable[..., Any], count: int, value: object, context: object) -> Any:
    """Calls it with `count` arguments; runs a coroutine to its end."""
    result = function(*(value, context)[:count])
    return asyncio.run(result) if inspect.iscoroutine(result) else result


def iterate(result: Any) -> Iterator[Any] | None:
    """The items of a stream task's result, or None when it is not an iterator."""
    if isinstance(result, Iterator):
        return result
    return _drive(result) if isinstance(result, AsyncIterator) else None


def _drive(source: AsyncIterator[Any]) -> Iterator[Any]:
    loop = asyncio.new_event_loop()
    try:
        while True:
            try:
                yield loop.run_until_complete(_following(source))
            except StopAsyncIteration:
                return
    finally:
        close = getattr(source, "aclose", None)
        if close is not None:
            loop.run_until_complete(close())
        loop.close()


async def _following(source: AsyncIterator[Any]) -> Any:
    return await anext(source)


def _import(module_name: str, name: str, target: str) -> Callable[..., Any]:
    try:
        module = importlib.import_module(module_name)
    except BaseException as error:
        # A module written after this process looked is found once the import caches are dropped.
        importlib.invalidate_caches()
        missing = isinstance(error, ModuleNotFoundError) and (error.name or "") in _parents(module_name)
        raise BridgeError(
            "E_TASK_NOT_FOUND",
            f'The module of "{target}" cannot be imported on the worker: {type(error).__name__}: {error}.',
            f"Install the package on the workers or add its folder to pythonPath; workers search: {_search_path()}."
            if missing
            else "Fix the error the module raises while it is imported.",
        ) from error
    function = getattr(module, name, None)
    if not callable(function):
        raise BridgeError(
            "E_TASK_NOT_FOUND",
            f'The module {module_name} ({getattr(module, "__file__", "?")}) has no function "{name}".',
            f"Define {name} at the top level of {module_name}, or correct the task's target.",
        )
    return function  # type: ignore[no-any-return]


def _parents(module_name: str) -> set[str]:
    parts = module_name.split(".")
    return {".".join(parts[: n + 1]) for n in range(len(parts))}


def _search_path() -> str:
    return ", ".join(path or "." for path in sys.path[:6]) + (" …" if len(sys.path) > 6 else "")


def _check_version(module_name: str, version: str, target: str) -> None:
    if not version:
        return
    found = None
    for name in (module_name, module_name.partition(".")[0]):
        found = getattr(sys.modules.get(name), "__version__", None) or found
    if found != version:
        raise BridgeError(
            "E_TASK_VERSION",
            f'"{target}" is version {found or "without __version__"} on the worker, the client asks for {version}.',
            "Install the same version of the package on client and workers.",
        )


def arity(function: Callable[..., Any]) -> int:
    """How many arguments a function takes, 0 to 2."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 1
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return 2
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if not positional:
        return 0
    # A default on the second parameter makes it the function's own option, unless it is called context.
    second = positional[1] if len(positional) > 1 else None
    return 2 if second is not None and (second.default is second.empty or second.name == "context") else 1
