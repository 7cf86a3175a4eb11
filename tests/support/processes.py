"""Other processes: forked ones that run one function, and fresh Pythons."""

from __future__ import annotations

import concurrent.futures.thread
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence

# another user may be unable to load it
assert concurrent.futures.thread


def fork(work: Callable[[], object]) -> int:
    """Run a function in a child process; return the child's id."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def succeeded(pid: int) -> bool:
    return os.waitpid(pid, 0)[1] == 0


def asuser(uid: int, gid: int, work: Callable[[], object]) -> bool:
    """Run a function as a user who is in one more group; needs root.

    Return whether it succeeded. Files that the user makes are private, unless the
    function changes their modes.
    """

    def become() -> None:
        os.setgroups([gid])
        os.setgid(uid)
        os.setuid(uid)
        os.umask(0o077)
        work()

    return succeeded(fork(become))


def python(script: str, *args: str, **variables: str) -> str:
    """Run a script in a fresh Python with this one's import path."""
    return inside((), script, *args, **variables)


def inside(command: Sequence[str], script: str, *args: str, **variables: str) -> str:
    """Run a script in a fresh Python that a command starts; return its output."""
    path = os.pathsep.join(item for item in sys.path if item)
    ran = subprocess.run(
        [*command, sys.executable, '-c', script, *args],
        env={**os.environ, 'PYTHONPATH': path, **variables},
        capture_output=True,
        encoding='utf-8',
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
