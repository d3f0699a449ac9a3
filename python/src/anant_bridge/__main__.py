"""`python -m anant_bridge`: the bridge process, spawned by a client or waiting for one to attach."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from ipaddress import ip_address
from pathlib import Path

import zmq

from . import lifeline
from .bounds import bound
from .server import Server, ServerOptions, log
from .version import PROTOCOL_VERSION, __version__
from .zap import ZapGate, secure

FRAMES_HELD_MAX = 100_000
"""Messages to a client that ZeroMQ holds. The window keeps them far fewer."""
TOKEN_VARIABLE = "ANANT_BRIDGE_TOKEN"


def main(arguments: list[str] | None = None) -> int:
    """Entry point; returns the exit code (see docs/protocol.md)."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "spawned":
        token = os.environ.pop(TOKEN_VARIABLE, "")
        return asyncio.run(_serve(ServerOptions(options.bind, token, attached=False), None, frozenset()))
    token = _read(parser, options.token_file)
    if not token:
        parser.error(f"{options.token_file} is empty; put a random token into it.")
    secret: bytes | None = None
    keys: frozenset[bytes] = frozenset()
    if options.curve_secret or options.curve_clients:
        if not (options.curve_secret and options.curve_clients):
            parser.error("--curve-secret and --curve-clients go together.")
        secret = _key(parser, options.curve_secret, _read(parser, options.curve_secret))
        lines = _read(parser, options.curve_clients).split()
        keys = frozenset(_key(parser, options.curve_clients, line) for line in lines)
    elif not _is_loopback(options.bind):
        parser.error(
            "outside loopback, --curve-secret and --curve-clients are required: the token travels in clear."
        )
    return asyncio.run(_serve(ServerOptions(options.bind, token, attached=True), secret, keys))


async def _serve(options: ServerOptions, secret: bytes | None, keys: frozenset[bytes]) -> int:
    loop = asyncio.get_running_loop()
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    gate = ZapGate(context, keys) if secret is not None else None
    socket = context.socket(zmq.ROUTER)
    socket.linger = 0
    socket.router_mandatory = True
    socket.sndhwm = FRAMES_HELD_MAX
    bound(socket)
    if secret is not None:
        secure(socket, secret)
    try:
        socket.bind(options.endpoint)
    except zmq.ZMQError as error:
        log(f"cannot listen on {options.endpoint}: {error}")
        context.destroy(0)
        return 1
    server = Server(options, socket)
    if options.attached:
        log(f"listening on {socket.getsockopt_string(zmq.LAST_ENDPOINT)}")
    else:
        lifeline.watch(lambda: loop.call_soon_threadsafe(server.spawn_abandon), server.remove_folders)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.end, 0)
    code = await server.run()
    if gate is not None:
        gate.close()
    context.term()
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m anant_bridge",
        description="Drives Dask, Ray or Celery for a client in another language.",
    )
    parser.add_argument(
        "--version", action="version", version=f"anant-bridge {__version__} (protocol {PROTOCOL_VERSION})"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    spawned = commands.add_parser(
        "spawned", help="serve the client that started this process, until its pipe ends"
    )
    spawned.add_argument(
        "--bind", required=True, metavar="ENDPOINT", help="ipc:// path in a private directory"
    )
    serve = commands.add_parser("serve", help="wait for clients that attach, one at a time")
    serve.add_argument("--bind", required=True, metavar="ENDPOINT", help="tcp://HOST:PORT; port 0 picks one")
    serve.add_argument(
        "--token-file", required=True, metavar="FILE", help="holds the token clients must present"
    )
    serve.add_argument("--curve-secret", metavar="FILE", help="holds the server's secret key (Z85)")
    serve.add_argument(
        "--curve-clients", metavar="FILE", help="holds the public keys of clients (Z85), one per line"
    )
    return parser


def _read(parser: argparse.ArgumentParser, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        parser.error(f"cannot read {path}: {error}")


def _key(parser: argparse.ArgumentParser, path: str, key: str) -> bytes:
    if len(key) != 40:
        parser.error(f"{path} does not hold keys of 40 characters (Z85).")
    return key.encode()


def _is_loopback(endpoint: str) -> bool:
    if endpoint.startswith("ipc://"):
        return True
    host = endpoint.removeprefix("tcp://").rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


if __name__ == "__main__":
    sys.exit(main())
