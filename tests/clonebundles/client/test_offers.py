"""Manifests of clone bundles, as Mercurial is given them to show."""

from __future__ import annotations

import pytest
from mercurial import bundlecaches

from hgext3rd.hglfs.clonebundles.client import offers


class Repo:
    def __init__(self, ui) -> None:
        self.ui = ui


def parsed(ui, *lines: bytes) -> list[dict]:
    def parse(line):
        return bundlecaches.parseclonebundlesmanifest(Repo(ui), line)

    return offers.parsed(ui, b'\n'.join(lines), parse)


@pytest.mark.parametrize(
    'line',
    [
        b'https://example.com/\x1b[2J',
        b'https://example.com/\xc2\x9b31m',
        b'https://example.com/\xe2\x80\xaegnp',
        b'https://example.com/a COMMENT=%1b[2J',
        b'https://example.com/a COMMENT=a%0aabort:%20forged',
        b'https://example.com/a %1b[2J=a',
    ],
)
def test_an_entry_with_control_characters_is_left_out(ui, line):
    good = b'https://example.com/good COMMENT=gr%C3%BCn'
    assert [entry[b'URL'] for entry in parsed(ui, line, good)] == [
        b'https://example.com/good'
    ]


def test_urls_are_shown_without_secrets(ui):
    line = b'https://me:secret@example.com/a?sig=secret BUNDLESPEC=x'
    (entry,) = parsed(ui, line)
    given = []
    found = offers.compatible(ui, [entry], lambda some: given.extend(some) or some)
    assert found == [entry]
    assert [shown[b'URL'] for shown in given] == [b'https://me:***@example.com/a?...']
    assert given[0][b'BUNDLESPEC'] == b'x'
    assert b'secret' in entry[b'URL']
