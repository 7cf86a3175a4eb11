"""What a measurement leaves behind, out of the way of the next.

When a file is made, ext4 passes over every inode that was freed in the last minutes,
one by one: thousands of files that are deleted between two measurements make the
second several times slower, whoever's it is. So they stay until all is over.
"""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

from datasets import GB, walk

#: With fewer files in it a folder may as well be deleted.
_MANY = 1000
#: So much room is never used up, in bytes.
_ROOM = 20 * GB
_numbers = itertools.count()


def discard(folder: Path) -> None:
    """Takes a folder away, if it is there; what it held may go only at the end."""
    many = sum(1 for _ in itertools.islice(walk(folder), _MANY)) == _MANY
    if many and shutil.disk_usage(folder).free > _ROOM:
        folder.rename(folder.with_name('left-%d' % next(_numbers)))
    else:
        shutil.rmtree(folder, ignore_errors=True)
