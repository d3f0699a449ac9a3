"""Broker and result URLs: how they are shown, secured and seen from this machine."""

from __future__ import annotations

import contextlib
import socket
from urllib.parse import quote, urlsplit

from ..errors import BridgeError
from .celery_profile import store_url
from .option_reader import OptionReader

_TLS_NAMES = {"ca_file": "ssl_ca_certs", "cert_file": "ssl_certfile", "key_file": "ssl_keyfile"}


def read_urls(address: str, reader: OptionReader) -> tuple[str, str]:
    """Broker and store URL of an engine reached by address. Raises BridgeError E_CONFIG_INVALID."""
    result_url = reader.text("result_url") or store_url(address)
    if result_url is None or not result_url.startswith(("redis://", "rediss://", "unix://")):
        raise BridgeError(
            "E_CONFIG_INVALID",
            f"Results need a Redis, and {shown(result_url or address)} is not one.",
            'Set the option "result_url" to the URL of a Redis (redis://…).',
        )
    tls = reader.map("tls")
    if tls is None:
        return address, result_url
    return _with_tls(address, tls), _with_tls(result_url, tls)


def shown(url: str) -> str:
    """A URL without its password."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(
        netloc=f"{parts.username or ''}:***@{parts.hostname or ''}{port}", query=""
    ).geturl()


def own_address(url: str) -> str:
    """Address of this machine as seen from where the store is, for the side channel."""
    parts = urlsplit(url)
    host = parts.hostname
    if parts.scheme == "unix" or host in (None, "localhost", "127.0.0.1", "::1"):
        return "127.0.0.1"
    with contextlib.suppress(OSError), socket.create_connection((host, parts.port or 6379), 2.0) as probe:
        return str(probe.getsockname()[0])
    return "127.0.0.1"


def _with_tls(url: str, tls: OptionReader) -> str:
    """A Redis URL that demands TLS with these files; other brokers take theirs from their own URL."""
    tls.only(*_TLS_NAMES)
    if not url.startswith(("redis://", "rediss://")):
        return url
    given = [
        f"{name}={quote(value)}" for key, name in _TLS_NAMES.items() if (value := tls.text(key)) is not None
    ]
    joint = "&" if "?" in url else "?"
    return "rediss://" + url.partition("://")[2] + joint + "&".join(["ssl_cert_reqs=required", *given])
