"""Write the contents of large files to output files that the user names."""

from __future__ import annotations

import os
import stat
from typing import BinaryIO

from mercurial import error

from ..hg.largetext import LargeText


def intofile(text: LargeText, sink: BinaryIO) -> bool:
    """Write a text if the output is a regular file; return whether it is one.

    Nothing is written to any other output, such as a pipe or a terminal: if the text
    turns out to be damaged, a file is truncated to zero bytes, but output to a pipe
    could not be undone.
    """
    try:
        isfile = stat.S_ISREG(os.fstat(sink.fileno()).st_mode)
    except (AttributeError, OSError):  # the ui, or not a real file
        return False
    if isfile:
        try:
            text.into(sink)
        except error.StorageError:
            sink.truncate(0)
            raise
    return isfile
