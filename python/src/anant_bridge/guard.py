"""
`python guard.py [--remove DIR] COMMAND…`: runs a command and guarantees that nothing it starts outlives the process
that holds this program's standard input. At end-of-file there, on SIGTERM, or when the command itself ends, every
descendant is killed, those that left its process group or lost their parent included. Prints the command's process
id on standard output, then ends with the command's exit status. It imports nothing of the package, so that it
starts fast and stays small.
"""

import os
import select
import shutil
import signal
import sys
from time import monotonic, sleep

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
SWEEP_S_MAX = 5.0
"""How long descendants are hunted at the end; whatever survives SIGKILL that long is the kernel's problem."""


def main() -> int:
    """Entry point; returns the exit status."""
    arguments = sys.argv[1:]
    folder = None
    if arguments[:1] == ["--remove"]:
        folder, arguments = arguments[1], arguments[2:]
    # Being the subreaper makes every orphan below a child of this process, so that none can hide.
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    wake_in, wake_out = os.pipe()
    os.set_blocking(wake_out, False)
    signal.set_wakeup_fd(wake_out, warn_on_full_buffer=False)
    asked: list[int] = []
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    child = _start(arguments)
    os.write(1, b"%d\n" % child)
    os.close(1)
    status = _watch(child, wake_in, asked)
    _sweep(child)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
    return status


def _start(arguments: list[str]) -> int:
    guard = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != guard:
            os._exit(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(2, 1)
        os.execvp(arguments[0], arguments)
    except BaseException as error:
        os.write(2, f"anant-bridge: cannot run {arguments[:1]}: {error}\n".encode())
    os._exit(127)


def _watch(child: int, wake_in: int, asked: list[int]) -> int:
    """Waits for the end of the command, of standard input, or SIGTERM; returns the exit status."""
    while True:
        ready, _, _ = select.select([0, wake_in], [], [])
        if wake_in in ready:
            os.read(wake_in, 4096)
        status = _reap(child)
        if status is not None:
            return status
        if asked or (0 in ready and not os.read(0, 4096)):
            return 128 + signal.SIGKILL


def _reap(child: int) -> int | None:
    """Collects ended descendants; the exit status of `child` when it is among them."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            found = code if code >= 0 else 128 - code


def _sweep(child: int) -> None:
    """Kills every descendant, again and again until there is none."""
    deadline = monotonic() + SWEEP_S_MAX
    while monotonic() < deadline:
        _reap(child)
        pids = _descendants(os.getpid())
        if sys.platform != "linux":
            _kill_group(child)
        if not pids:
            return
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        sleep(0.005)


def _kill_group(child: int) -> None:
    try:
        os.killpg(child, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def _descendants(root: int) -> list[int]:
    """Process ids below `root`, from /proc; empty where there is none."""
    children: dict[int, list[int]] = {}
    try:
        names = os.listdir("/proc")
    except OSError:
        return []
    for name in names:
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                # The command name may hold anything; the fields that matter follow its last parenthesis.
                parent = int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        children.setdefault(parent, []).append(int(name))
    found: list[int] = []
    level = [root]
    while level:
        level = [pid for parent in level for pid in children.get(parent, ())]
        found += level
    return found


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    # The interpreter's own shutdown has nothing to add.
    os._exit(main())
