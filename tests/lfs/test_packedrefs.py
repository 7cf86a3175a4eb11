"""References in little memory: a list with each oid once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hgext3rd.hglfs.lfs.blob import BlobRef, unique
from hgext3rd.hglfs.lfs.packedrefs import PackedRefs

oids = st.integers(0, 30).map(lambda number: b'%064x' % number)
refs = st.lists(st.builds(BlobRef, oids, st.integers(0, 2**63 - 1)), max_size=100)


def packed(found) -> PackedRefs:
    made = PackedRefs()
    for ref in found:
        made.add(ref.oid, ref.size)
    return made


@given(refs)
def test_each_oid_is_kept_once_in_order(added):
    made, expected = packed(added), unique(added)
    assert list(made) == list(made[:]) == expected
    assert len(made) == len(expected)
    assert made[1:3] == expected[1:3]
    for number in range(-len(expected), len(expected)):
        assert made[number] == expected[number]
    for number in (len(expected), -len(expected) - 1):
        with pytest.raises(IndexError):
            made[number]


def test_many_references_take_little_memory():
    many = [BlobRef(b'%064x' % number, number) for number in range(20000)]
    made = packed(many * 2)
    assert list(made) == many
    assert made.nbytes <= 56 * len(many)
