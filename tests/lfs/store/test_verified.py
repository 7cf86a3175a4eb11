"""Verified pairs of revisions and blobs: kept to save work, ignored if damaged."""

from __future__ import annotations

import os

from hgext3rd.hglfs.lfs.store.files import Modes
from hgext3rd.hglfs.lfs.store.verified import Verdicts

NODE, OTHER = b'\x01' * 20, b'\x02' * 20
OID, ELSE = b'a' * 64, b'b' * 64


def test_only_added_pairs_are_verified(folder):
    verdicts = Verdicts(os.path.join(folder, b'lfs', b'verdicts'))
    verdicts.add(NODE, OID)
    verdicts.add(OTHER, ELSE)
    assert verdicts.has(NODE, OID)
    assert not verdicts.has(NODE, ELSE)
    assert not verdicts.has(OTHER, OID)


def test_a_pair_is_written_once_and_read_by_other_processes(folder):
    path = os.path.join(folder, b'verdicts')
    for _ in range(3):
        verdicts = Verdicts(path)
        verdicts.add(NODE, OID)
        verdicts.add(NODE, OID)
    assert Verdicts(path).has(NODE, OID)
    with open(path, 'rb') as handle:
        assert len(handle.read().split()) == 2


def test_a_truncated_line_is_ignored(folder):
    path = os.path.join(folder, b'verdicts')
    Verdicts(path).add(NODE, OID)
    with open(path, 'r+b') as handle:
        handle.truncate(os.path.getsize(path) - 3)
    verdicts = Verdicts(path)
    assert not verdicts.has(NODE, OID)
    verdicts.add(OTHER, ELSE)
    assert Verdicts(path).has(OTHER, ELSE)


def test_an_unwritable_file_is_no_error(folder):
    with open(os.path.join(folder, b'lfs'), 'wb'):
        pass
    verdicts = Verdicts(os.path.join(folder, b'lfs', b'verdicts'))
    verdicts.add(NODE, OID)
    assert verdicts.has(NODE, OID)


def test_the_file_has_the_mode_of_the_repository(folder):
    path = os.path.join(folder, b'lfs', b'verdicts')
    Verdicts(path, Modes(0o2775)).add(NODE, OID)
    assert os.stat(path).st_mode & 0o777 == 0o664
    assert os.stat(os.path.dirname(path)).st_mode & 0o2777 == 0o2775


def test_an_oversized_or_special_file_is_replaced_or_ignored(folder):
    path = os.path.join(folder, b'verdicts')
    Verdicts(path).add(NODE, OID)
    os.truncate(path, (256 << 20) + 1)
    assert not Verdicts(path).has(NODE, OID)
    verdicts = Verdicts(path)
    verdicts.add(OTHER, ELSE)
    assert os.path.getsize(path) < 1000
    os.unlink(path)
    os.mkfifo(path)
    verdicts = Verdicts(path)
    assert not verdicts.has(OTHER, ELSE)
    verdicts.add(OTHER, ELSE)
