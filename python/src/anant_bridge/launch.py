"""
`python launch.py PARENT COMMAND…`: asks the kernel to kill this process when its parent's thread dies, then becomes the
command. A separate program, because code between fork and exec is not safe in a process with threads. It imports
nothing of the package, so that it starts fast.
"""

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Entry point."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # The parent may have died before the signal was set.
    if os.getppid() != parent:
        os._exit(1)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.stderr.write(f"anant-bridge: cannot run {command[0]}: {error}\n")
        os._exit(127)


if __name__ == "__main__":
    main()
