"""`python -m anant_bridge.values --echo`: decodes and encodes again what comes in, for tests across languages."""

from __future__ import annotations

import argparse
import sys

from ..packed import Bytes, FileBuffer
from ..pipe import PipeReader, PipeWriter
from .decode import decode
from .encode import encode


def echo() -> None:
    """Reads framed encoded values from standard input until it ends, and writes each back after a round trip."""
    reader = PipeReader(sys.stdin.fileno())
    writer = PipeWriter(sys.stdout.fileno())
    while (parts := reader.read()) is not None:
        packed = encode(decode(parts[0], parts[1:]))
        buffers: list[Bytes] = [b for b in packed.buffers if not isinstance(b, FileBuffer)]
        writer.write([packed.body, *buffers])


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m anant_bridge.values", description=__doc__)
    parser.add_argument("--echo", action="store_true", required=True, help="echo framed values")
    parser.parse_args()
    echo()


if __name__ == "__main__":
    main()
