"""The engines, by name. Their modules are imported only when a session asks for one."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from ..errors import BridgeError
from .base import Engine

ENGINES = {
    "local": ("local", "LocalEngine", ""),
    "dask": ("dask", "DaskEngine", "distributed"),
    "ray": ("ray", "RayEngine", "ray"),
    "celery": ("celery", "CeleryEngine", "celery"),
}
"""Engine name to (module, class, package that must be importable)."""


def create_engine(name: str) -> Engine:
    """A new engine. Raises BridgeError E_BACKEND_UNKNOWN or E_ENGINE_NOT_INSTALLED."""
    known = ENGINES.get(name)
    if known is None:
        raise BridgeError(
            "E_BACKEND_UNKNOWN",
            f'The bridge has no engine "{name}".',
            f"Use one of: {', '.join(sorted(ENGINES))}.",
        )
    module, cls, package = known
    try:
        if package:
            import_module(package)
    except ImportError as error:
        raise BridgeError(
            "E_ENGINE_NOT_INSTALLED",
            f'The engine "{name}" needs the Python package "{package}", which cannot be imported: {error}.',
            f"Run: anant setup {name}",
        ) from error
    return cast(Engine, getattr(import_module(f"{__name__}.{module}"), cls)())
