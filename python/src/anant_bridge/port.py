"""A ZeroMQ socket on the asyncio loop, without a future per message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import zmq

from .packed import Bytes

BATCH_MAX = 256
"""Messages read before other work of the loop gets a turn."""
_COPY_BYTES_MAX = 1 << 16


class Port:
    """Reads with a callback, writes at once. The socket is the caller's; `close` only ends the watching."""

    def __init__(self, socket: zmq.Socket[bytes], on_message: Callable[[list[Bytes]], None]) -> None:
        self._socket = socket
        self._on_message = on_message
        self._loop = asyncio.get_running_loop()
        self._fd = int(socket.getsockopt(zmq.FD))
        self._closed = False
        self._checking = False
        self._loop.add_reader(self._fd, self._read)
        self._check_soon()

    def send(self, frames: Sequence[Bytes]) -> bool:
        """Sends a message; False when the socket cannot take it now, or the peer is gone."""
        try:
            self._socket.send_multipart(frames, zmq.DONTWAIT, copy=False)
        except zmq.ZMQError:
            return False
        finally:
            # The descriptor is edge-triggered: a send may swallow the edge of a message that just came.
            self._check_soon()
        return True

    def close(self) -> None:
        """Stops watching the socket."""
        if not self._closed:
            self._closed = True
            self._loop.remove_reader(self._fd)

    def _check_soon(self) -> None:
        if not self._checking and not self._closed:
            self._checking = True
            self._loop.call_soon(self._check)

    def _check(self) -> None:
        self._checking = False
        if not self._closed and int(self._socket.getsockopt(zmq.EVENTS)) & zmq.POLLIN:
            self._read()

    def _read(self) -> None:
        for _ in range(BATCH_MAX):
            if self._closed:
                return
            try:
                frames = self._socket.recv_multipart(zmq.DONTWAIT, copy=False)
            except zmq.ZMQError:
                return
            try:
                self._on_message([f.bytes if len(f) <= _COPY_BYTES_MAX else f.buffer for f in frames])
            except BaseException:
                # Whoever handles it failed; what came behind it must be read all the same.
                self._check_soon()
                raise
        self._check_soon()
