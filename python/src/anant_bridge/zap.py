"""Admits only listed CURVE keys to the sockets of a ZeroMQ context (without this, any key is admitted)."""

from __future__ import annotations

from collections.abc import Collection

import zmq
import zmq.auth
from zmq.auth.thread import ThreadAuthenticator

_DOMAIN = "anant"


class _KnownKeys:
    """The callback of pyzmq's authenticator."""

    def __init__(self, keys: Collection[bytes]) -> None:
        self._keys = frozenset(keys)

    def callback(self, domain: str, key: bytes) -> bool:
        """Whether the Z85 key is one of the listed ones."""
        return key in self._keys


class ZapGate:
    """The ZAP handler of a context, in a thread of its own. Sockets must set a `zap_domain`."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], keys: Collection[bytes]) -> None:
        self._authenticator = ThreadAuthenticator(context)
        self._authenticator.start()
        self._authenticator.configure_curve_callback(domain=_DOMAIN, credentials_provider=_KnownKeys(keys))

    def close(self) -> None:
        """Ends the thread."""
        self._authenticator.stop()


def secure(socket: zmq.Socket[bytes], secret: bytes) -> None:
    """Makes a socket a CURVE server whose clients the gate of its context must admit; call it before `bind`."""
    socket.curve_secretkey = secret
    socket.curve_publickey = zmq.curve_public(secret)
    socket.curve_server = True
    socket.zap_domain = _DOMAIN.encode()
    socket.zap_enforce_domain = True
