"""Pipes with a larger buffer than the default."""

from __future__ import annotations

import fcntl
import os
import sys

import pytest

from hgext3rd.hglfs.lfs.oid import CHUNK
from hgext3rd.hglfs.lfs.remote import pipes

_F_GETPIPE_SZ = 1032


@pytest.mark.skipif(sys.platform != 'linux', reason="Linux's own call")
def test_a_widened_pipe_holds_a_chunk():
    source, sink = os.pipe()
    with open(source, 'rb') as reader, open(sink, 'wb') as writer:
        pipes.widen(reader)
        assert fcntl.fcntl(writer.fileno(), _F_GETPIPE_SZ) == CHUNK


def test_other_and_closed_files_are_left_alone(tmp_path):
    with open(tmp_path / 'file', 'wb') as handle:
        pipes.widen(handle)
    pipes.widen(handle)  # closed
    pipes.widen(None)
