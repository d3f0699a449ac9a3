"""A private Redis and a private Celery worker, both under a guard: nothing of them outlives the bridge."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Literal

import redis

from ..errors import BridgeError
from .guarded import Guarded

REDIS_TIMEOUT_S = 10.0
WORKER_TIMEOUT_S = 60.0
"""How long each may take to start."""
PREFETCH = 2
"""Messages per slot the only worker takes ahead: nobody else could run them."""
_SHM = "/dev/shm"
_LOG_TAIL_BYTES = 2_000


class LocalCelery:
    """Redis on a unix socket without persistence, and one prefork worker of `slots` processes."""

    def __init__(
        self, slots: int, namespace: str, queue: str, env: Mapping[str, str], memory_bytes_max: int | None
    ) -> None:
        self._slots = slots
        self.namespace = namespace
        self.queue = queue
        self._env = env
        self._memory_bytes_max = memory_bytes_max
        self._redis: Guarded | None = None
        self._worker: Guarded | None = None
        self.folder = ""

    @property
    def broker_url(self) -> str:
        """As kombu reads it."""
        return f"redis+socket://{self.folder}/redis.sock"

    @property
    def store_url(self) -> str:
        """As redis-py reads it."""
        return f"unix://{self.folder}/redis.sock?db=0"

    async def start_redis(self) -> None:
        """Starts Redis and waits until it answers. Raises BridgeError."""
        program = shutil.which("redis-server")
        if program is None:
            raise BridgeError(
                "E_ENGINE_NOT_INSTALLED",
                "A local Celery needs redis-server, which is not on the PATH.",
                "Install it (apt-get install redis-server), or name a broker with `address`.",
            )
        base = _SHM if os.access(_SHM, os.W_OK) else None
        self.folder = tempfile.mkdtemp(prefix="anant-celery-", dir=base)
        os.mkdir(f"{self.folder}/objects", 0o700)
        command = [
            program,
            "--port",
            "0",
            "--unixsocket",
            f"{self.folder}/redis.sock",
            "--unixsocketperm",
            "700",
        ]
        command += ["--save", "", "--appendonly", "no", "--dir", self.folder, "--loglevel", "warning"]
        try:
            self._redis = Guarded(command, folder=self.folder, log=f"{self.folder}/redis.log")
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        client = redis.Redis.from_url(self.store_url, socket_timeout=1.0)
        with contextlib.closing(client):
            await self._wait(self._redis, "redis.log", REDIS_TIMEOUT_S, lambda: bool(client.ping()))

    def start_worker(self) -> None:
        """Starts the worker; `worker_alive` tells when it has ended. Raises BridgeError."""
        command = [sys.executable, "-m", "celery", "-A", "anant_bridge.celery_app", "worker", "-P", "prefork"]
        command += ["-c", str(self._slots), "-Q", self.queue, "-n", "anant@%h", "-l", "WARNING"]
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        if self._memory_bytes_max is not None:
            command += ["--max-memory-per-child", str(self._memory_bytes_max // 1024)]
        environment = {
            **self._env,
            "PYTHONWARNINGS": "ignore",
            # What lies in the client's working directory must not pass for a package Celery imports.
            "PYTHONSAFEPATH": "1",
            "ANANT_BROKER_URL": self.broker_url,
            "ANANT_RESULT_URL": self.store_url,
            "ANANT_NAMESPACE": self.namespace,
            "ANANT_QUEUE": self.queue,
            "ANANT_PREFETCH": str(PREFETCH),
            "ANANT_REMOTE_CONTROL": "0",
        }
        self._worker = Guarded(command, env=environment, log=f"{self.folder}/worker.log")

    async def wait_for_worker(self, has_beat: Callable[[], bool]) -> None:
        """Waits until the worker is seen. Raises BridgeError."""
        assert self._worker is not None
        deadline = monotonic() + WORKER_TIMEOUT_S
        while not has_beat():
            if self._worker.poll() is not None or monotonic() > deadline:
                raise self._failure("worker", "worker.log")
            await asyncio.sleep(0.02)

    def what_died(self) -> Literal["redis", "worker"] | None:
        """Which of the two is gone."""
        if self._redis is None or self._redis.poll() is not None:
            return "redis"
        return "worker" if self._worker is None or self._worker.poll() is not None else None

    async def stop(self) -> None:
        """Ends both, and removes their folder."""
        for tree in (self._worker, self._redis):
            if tree is not None:
                tree.kill()
        for tree in (self._worker, self._redis):
            if tree is not None:
                await tree.stop(0)
        self._worker = self._redis = None
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _wait(self, tree: Guarded, log: str, timeout: float, check: Callable[[], bool]) -> None:
        deadline = monotonic() + timeout
        while monotonic() < deadline and tree.poll() is None:
            with contextlib.suppress(redis.RedisError, OSError):
                if check():
                    return
            await asyncio.sleep(0.005)
        raise self._failure("redis-server", log)

    def _failure(self, what: str, log: str) -> BridgeError:
        output = _tail(Path(self.folder, log))
        # Of a traceback the last line says what went wrong; the rest is for who wants to know where.
        return BridgeError(
            "E_ENGINE_UNREACHABLE",
            f"The local {what} of Celery did not start: {output.splitlines()[-1]}",
            "Check free memory and disk space, or connect to a running broker with `address`.",
            {"output": output},
        )


def _tail(path: Path) -> str:
    try:
        return path.read_bytes()[-_LOG_TAIL_BYTES:].decode("utf-8", "replace").strip() or "no output"
    except OSError:
        return "no output"
