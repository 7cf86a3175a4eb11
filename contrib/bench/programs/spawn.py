"""Run one command, and print what it used: seconds, processor seconds, bytes, status.

Usage: spawn.py OUTPUT COMMAND [ARGUMENT]...

The peak memory of a child begins with that of the process which started it, so that
has to be small: this one imports next to nothing, and is about 9 MiB. Less than that
cannot be measured. The memory of a command is that of its largest process.
"""

import os
import sys
import time

# kibibytes on Linux, bytes on macOS
UNIT = 1 if sys.platform == 'darwin' else 1024
FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def main(output: str, *command: str) -> None:
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, output, FLAGS, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
    # includes the processes that the child waited for
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    cpu = used.ru_utime + used.ru_stime
    memory = used.ru_maxrss * UNIT
    print('%f %f %d %d' % (wall, cpu, memory, os.waitstatus_to_exitcode(status)))


if __name__ == '__main__':
    main(*sys.argv[1:])
