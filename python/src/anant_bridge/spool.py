"""Large buffers in files of a shared directory: written once, mapped by the reader, never copied through a socket."""

from __future__ import annotations

import errno
import itertools
import mmap
import os
import re
from pathlib import Path

from .packed import Buffer, Bytes, FileBuffer, byte_length

FILE_BYTES_MIN = 1 << 20
"""Buffers of this size and larger become files when a directory is shared."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENOENT, errno.EACCES)


class Spool:
    """The files one process writes into a shared directory. `prefix` keeps its names apart from others'."""

    def __init__(self, directory: str, prefix: str) -> None:
        self.directory = directory
        self._prefix = prefix
        self._numbers = itertools.count()

    def store(self, buffer: Buffer) -> Buffer:
        """The buffer as a file if it is large; unchanged when it is small, a file already, or there is no room."""
        if isinstance(buffer, FileBuffer) or byte_length(buffer) < FILE_BYTES_MIN:
            return buffer
        path = f"{self.directory}/{self._prefix}-{next(self._numbers)}"
        try:
            _write(path, buffer)
        except OSError as error:
            _unlink(path)
            if error.errno in _NO_SPACE:
                return buffer
            raise
        return FileBuffer(path, 0, byte_length(buffer))


def resolve_name(directory: str, name: str) -> str:
    """The path of a bare file name inside a shared directory. Raises ValueError for anything else."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r:.80} is not a bare file name.")
    return f"{directory}/{name}"


def map_file(buffer: FileBuffer) -> Bytes:
    """Maps the buffer's bytes, read only; they stay valid when the file is deleted. Raises OSError, ValueError."""
    if buffer.size == 0:
        return b""
    with Path(buffer.path).open("rb") as file:
        held = os.fstat(file.fileno()).st_size
        if held < buffer.offset + buffer.size:
            raise ValueError(f"{buffer.path} holds {held} bytes, fewer than announced.")
        mapped = mmap.mmap(file.fileno(), buffer.offset + buffer.size, access=mmap.ACCESS_READ)
    return memoryview(mapped)[buffer.offset :]


def discard(buffers: list[Buffer]) -> None:
    """Deletes the files among `buffers`."""
    for buffer in buffers:
        if isinstance(buffer, FileBuffer):
            _unlink(buffer.path)


def discard_prefix(directory: str, prefix: str) -> None:
    """Deletes the files a lost worker may have left: those whose names start with `prefix`."""
    try:
        names = os.listdir(directory)
    except OSError:
        return
    for name in names:
        if name.startswith(prefix):
            _unlink(f"{directory}/{name}")


def _write(path: str, data: Bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        view = memoryview(data).cast("B")
        while len(view):
            view = view[os.write(fd, view) :]
    finally:
        os.close(fd)


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
