"""The Python half of Anant's bridge: one process that drives an engine, and the runtime of its workers."""

from .version import PROTOCOL_VERSION, __version__

__all__ = ["PROTOCOL_VERSION", "__version__"]
