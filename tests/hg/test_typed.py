"""Patterns as users type them, and the left sides that are written for them."""

from __future__ import annotations

import os

import pytest
from mercurial import error, minifileset

from hgext3rd.hglfs.hg import typed


@pytest.fixture
def place(folder):
    for name in (b'art/sub', b'my dir', b'a=b'):
        os.makedirs(os.path.join(folder, name))
    for name in (b'art/logo.psd', b'odd[1].psd'):
        with open(os.path.join(folder, name), 'wb'):
            pass
    return typed.WorkingFolder(os.path.realpath(folder))


def lefts(text: bytes, place, anycase=False) -> list[bytes]:
    return [found.expression for found in typed.parse(text, place, anycase)]


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        (b'*.psd', [b'**.psd']),
        (b'**.psd', [b'**.psd']),
        (b'**/*.psd', [b'**.psd']),
        (b'*.tar.gz', [b'**.tar.gz']),
        (b'*.tar-gz', [b'"**.tar-gz"']),
        (b'*psd', [b'**psd']),
        (b'*.{png,jp{e,}g}', [b'**.png', b'**.jpeg', b'**.jpg']),
        (b'*.[ch]', [b'**.c', b'**.h']),
        (b'*.x[0-2]', [b'**.x0', b'**.x1', b'**.x2']),
        (b'*', [b'**']),
        (b'**', [b'**']),
        (b'.', [b'**']),
        (b'art', [b'path:art']),
        (b'art/', [b'path:art']),
        (b'art/*', [b'path:art']),
        (b'art/**', [b'path:art']),
        (b'art/**/*', [b'path:art']),
        (b'./art', [b'path:art']),
        (b'{art,lib}/**', [b'path:art', b'path:lib']),
        (b'art/logo.psd', [b'path:art/logo.psd']),
        (b'not/yet', [b'path:not/yet']),
        (b'art/**.exr', [b'path:art & **.exr']),
        (b'art/**/*.exr', [b'path:art & **.exr']),
        (b'art/*.exr', [b'path:art & **.exr']),
        (b'my dir/*.exr', [b'"path:my dir" & **.exr']),
        (b'a=b/**', [b'"path:a\\x3db"']),
        (b'a-b', [b'"path:a-b"']),
        (b'and', [b'"path:and"']),
        (b'say "no"', [b'"path:say \\x22no\\x22"']),
        (b'odd[1].psd', [b'"path:odd[1].psd"']),
        (b'lone\\*star', [b'"path:lone*star"']),
        (b'\xc3\xa9t\xc3\xa9/*', [b'path:\xc3\xa9t\xc3\xa9']),
        (b'a,b', [b'"path:a,b"']),
        (b'path:art', [b'path:art']),
        (b'relpath:art', [b'path:art']),
        (b'glob:*.c', [b'**.c']),
        (b'relglob:*.c', [b'**.c']),
        (b'rootglob:art/*.c', [b'path:art & **.c']),
        (b'set:**.bin & size(">1MB")', [b'**.bin & size(">1MB")']),
    ],
)
def test_the_rules_written_for_a_pattern(place, text, expected):
    assert lefts(text, place) == expected
    for left in expected:
        minifileset.compile(left)(b'a', 0)  # as stock Mercurial does


def test_patterns_are_relative_to_the_current_folder(place):
    below = typed.WorkingFolder(place.root, b'art')
    assert lefts(b'*.psd', below) == [b'path:art & **.psd']
    assert lefts(b'sub/*.psd', below) == [b'path:art/sub & **.psd']
    assert lefts(b'../lib/*', below) == [b'path:lib']
    assert lefts(b'logo.psd', below) == [b'path:art/logo.psd']
    assert lefts(b'.', below) == [b'path:art']
    assert lefts(b'path:art', below) == [b'path:art']
    assert lefts(b'rootglob:lib/**.c', below) == [b'path:lib & **.c']
    assert lefts(place.root + b'/art/*.c', below) == [b'path:art & **.c']
    with pytest.raises(error.Abort, match='not under root'):
        lefts(b'../../*', below)


@pytest.mark.parametrize(
    ('text', 'wider'),
    [
        (b'art/*.exr', True),
        (b'rootglob:*.c', True),
        (b'glob:*.c', True),
        (b'*.exr', False),
        (b'art/**.exr', False),
        (b'art/**/*.exr', False),
        (b'art/*', False),
    ],
)
def test_a_rule_wider_than_its_pattern_is_marked(place, text, wider):
    assert [found.wider for found in typed.parse(text, place)] == [wider]


@pytest.mark.parametrize(
    ('text', 'hint'),
    [
        (b'tex_*.png', b"the nearest is '*.png'"),
        (b'a?.bin', b"the nearest is '*.bin'"),
        (b'art/a*b*.bin', b"the nearest is 'art/**/*.bin'"),
        (b'*/textures/*.png', b"the nearest is '*.png'"),
        (b'**/textures/**', b"the nearest is '**'"),
        (b'art/*/x/**', b"the nearest is 'art/**'"),
        (b'**/Thumbs.db', b"the nearest is '*Thumbs.db'"),
        (b'relglob:art/*.c', b"the nearest is '*.c'"),
        (b'!*.psd', b"the nearest is '*.psd'"),
        (b'*.[!a]', b'name those that it may be, as in [ab]'),
        (b'*.{a,b', b'write \\{ or \\} where a name has it'),
        (b'*.[a-z][a-z]', b'use several patterns'),
        (b'*.{a,b}{c,d}{e,f}{g,h}{i,j}{k,l}{m,n}', b'use several patterns'),
        (b're:.*', b"see 'hg help lfs-track' for those that it can have"),
        (b'set:size(">=1")', b'a rule is LEFT = RIGHT: write it into .hglfs'),
        (b'set:nosuch()', None),
        (b'set:*.c', b'paths must be prefixed with "path:"'),
        (b'', None),
    ],
)
def test_a_pattern_without_an_equivalent_rule_is_refused(place, text, hint):
    with pytest.raises(error.InputError) as caught:
        typed.parse(text, place)
    assert caught.value.hint == hint


def test_the_suggested_pattern_is_accepted(place):
    for text in (b'tex_*.png', b'art/a*b*.bin', b'**/textures/**', b'art/*/x/**'):
        with pytest.raises(error.InputError) as caught:
            typed.parse(text, place)
        nearest = caught.value.hint.split(b"'")[1]
        assert typed.parse(nearest, place)


def test_any_case_covers_every_spelling(place):
    (found,) = typed.parse(b'*.ai', place, True)
    assert found.expression == b'**.ai | **.AI | **.Ai | **.aI'
    (found,) = typed.parse(b'Ab/*.x', place, True)
    assert found.expression == (
        b'(path:Ab | path:ab | path:AB | path:aB) & (**.x | **.X)'
    )
    matches = minifileset.compile(found.expression)
    for path in (b'AB/c.x', b'aB/c/d.X'):
        assert matches(path, 0)
        assert found.selector.matches(path)
    assert not matches(b'Abc/d.x', 0)
    assert lefts(b'*.7z', place, True) == [b'**.7z | **.7Z']
    (found,) = typed.parse('*.é'.encode(), place, True)
    assert found.expression == '**.é | **.É'.encode()
    with pytest.raises(error.InputError, match='the case of more than 6 letters'):
        typed.parse(b'*.package', place, True)
