"""Bounds of every socket that listens."""

from __future__ import annotations

import zmq

FRAME_BYTES_MAX = 4 << 30
"""Largest frame: what one buffer may hold. Whoever announces a larger one is disconnected."""
HANDSHAKE_MS_MAX = 10_000
"""A connection whose handshake takes longer is closed, one that says nothing too."""
BACKLOG_CONNECTIONS_MAX = 1_024
"""Connections that wait to be accepted, as far as the system lets it; more are dropped, and try again."""
FRAMES_WAITING_MAX = 1_000
"""Messages of one peer that wait to be read; beyond, it waits to send."""


def bound(socket: zmq.Socket[bytes]) -> None:
    """Call it before `bind`."""
    socket.maxmsgsize = FRAME_BYTES_MAX
    socket.rcvhwm = FRAMES_WAITING_MAX
    socket.handshake_ivl = HANDSHAKE_MS_MAX
    socket.backlog = BACKLOG_CONNECTIONS_MAX
