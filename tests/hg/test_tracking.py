"""Which files are large, by .hglfs and by the configuration."""

from __future__ import annotations

import os

import pytest
from mercurial import error, hg

from hgext3rd.hglfs.hg import tracking


@pytest.fixture
def repo(ui, folder):
    return hg.repository(ui, os.path.join(folder, b'repo'), create=True)


def rule(repo, text: bytes):
    repo.wvfs.write(b'.hglfs', text)
    return tracking.read(repo)


def test_the_first_matching_pattern_decides(repo):
    islarge = rule(
        repo,
        b'[track]\n'
        b'**.py = none()\n'
        b'path:lib = none()\n'
        b'**.bin = size(">10")\n'
        b'path:art = all()\n'
        b'** = size(">100")\n',
    )
    large = [
        (b'a.bin', 11),
        (b'deep/in/a.bin', 11),
        (b'art/small', 0),
        (b'other', 101),
        (b'library/x', 101),
    ]
    small = [
        (b'a.py', 10**9),
        (b'art/a.py', 10**9),
        (b'lib/a.bin', 10**9),
        (b'a.bin', 10),
        (b'art/a.bin', 10),
        (b'other', 100),
    ]
    assert [item for item in large if not islarge(*item)] == []
    assert [item for item in small if islarge(*item)] == []


def test_a_file_that_matches_no_pattern_is_small(repo):
    assert not rule(repo, b'[track]\n**.bin = all()\n')(b'a.txt', 10**12)
    for nothing in (b'', b'# a comment\n', b'[track]\n', b'[other]\n** = all()\n'):
        assert not rule(repo, nothing)(b'a', 10**12)


@pytest.mark.parametrize(
    ('expression', 'below', 'above'),
    [
        (b'size(">1k")', 1024, 1025),
        (b'size(">=1kB")', 1023, 1024),
        (b'size(">1MB")', 1 << 20, (1 << 20) + 1),
        (b'size(">1KB") & !size(">1GB")', 1024, 1025),
        (b'size(">1k") or none()', 1024, 1025),
        (b'not size("<=1k")', 1024, 1025),
        (b'all() - size("<=1k")', 1024, 1025),
        (b'(none() | size(">1k")) and all()', 1024, 1025),
    ],
)
def test_sizes_and_operators(repo, expression, below, above):
    islarge = rule(repo, b'[track]\n** = %s\n' % expression)
    assert not islarge(b'file', below)
    assert islarge(b'file', above)


@pytest.mark.parametrize(
    ('text', 'line'),
    [
        (b'[track]\n** = size(\n', 2),
        (b'[track]\n\n# why\n** = nosuch()\n', 4),
        (b'[track]\n**.a = all()\n**.b = size("huge")\n', 3),
        (b'[track]\n**.a = all()\na*b = all()\n', 3),
        (b'[track]\n** = all() &\n', 2),
        (b'[track]\n** =\n', 2),
    ],
)
def test_the_error_for_an_invalid_rule_has_its_line(repo, text, line):
    with pytest.raises(error.Abort) as caught:
        rule(repo, text)
    assert caught.value.message.startswith(b'parse error in .hglfs: ')
    assert b'see .hglfs:%d' % line in caught.value.hint


def test_the_error_for_a_malformed_line_has_its_number(repo):
    with pytest.raises(error.Abort) as caught:
        rule(repo, b'[track]\n**.a = all()\nwhat is this\n')
    said = caught.value.format() if hasattr(caught.value, 'format') else b''
    assert b'.hglfs:3' in said


@pytest.mark.parametrize(
    'target', [b'/dev/zero', b'/etc/passwd', b'nowhere', b'other', b'.hglfs']
)
def test_a_symbolic_link_is_not_followed(repo, target):
    repo.wvfs.write(b'other', b'secret words\n')
    repo.wvfs.symlink(target, b'.hglfs')
    with pytest.raises(error.Abort) as caught:
        tracking.read(repo)
    assert caught.value.message == b'cannot read .hglfs: it is a symbolic link'
    assert b'a regular file of at most 1048576 bytes' in caught.value.hint


def test_a_fifo_is_not_read(repo):
    os.mkfifo(repo.wvfs.join(b'.hglfs'))
    with pytest.raises(error.Abort, match='it is not a regular file'):
        tracking.read(repo)


def test_the_file_size_is_limited(repo):
    most = b'[track]\n** = all()\n'
    most += b'#\n' * (((1 << 20) - len(most)) // 2)
    most += b'\n' * ((1 << 20) - len(most))
    assert rule(repo, most)(b'a', 1)
    with pytest.raises(error.Abort, match='it is larger than 1048576 bytes'):
        rule(repo, most + b'\n')
    repo.wvfs.write(b'.hglfs', b'')
    os.truncate(repo.wvfs.join(b'.hglfs'), 1 << 40)
    with pytest.raises(error.Abort, match='it is larger than'):
        tracking.read(repo)


@pytest.mark.parametrize(
    'spec',
    [
        b'(' * 3000 + b'all()' + b')' * 3000,
        b'!' * 3000 + b'all()',
        b'!' * 101 + b'all()',
        b' & '.join([b'size(">1")'] * 500),
        b' - '.join([b'all()'] * 500),
    ],
)
def test_deep_nesting_is_an_error(repo, spec):
    with pytest.raises(error.Abort) as caught:
        rule(repo, b'[track]\n** = %s\n' % spec)
    assert b'nested more than 100 levels deep' in caught.value.message
    assert caught.value.hint == b'see .hglfs:2'
    repo.wvfs.unlink(b'.hglfs')
    repo.ui.setconfig(b'lfs', b'track', spec)
    with pytest.raises(error.ParseError):
        tracking.read(repo)


def test_many_alternatives_are_no_error(repo):
    spec = b' | '.join(b'**.%d' % number for number in range(500))
    islarge = rule(repo, b'[track]\n** = %s\n' % spec)
    assert islarge(b'a.499', 1)
    assert not islarge(b'a.500', 1)
    deep = b'!' * 90 + b'all()'
    assert rule(repo, b'[track]\n** = %s\n' % deep)(b'a', 1)


def test_an_overlong_line_is_an_error(repo):
    with pytest.raises(error.Abort, match='a line of more than 8192 bytes') as caught:
        rule(repo, b'[track]\na%sb\n' % (b' ' * 1000000))
    assert caught.value.hint.startswith(b'see .hglfs:2')


def test_the_file_takes_precedence_over_the_configuration(repo):
    repo.ui.setconfig(b'lfs', b'track', b'all()')
    assert tracking.read(repo)(b'a', 1)
    assert not rule(repo, b'[track]\n**.bin = all()\n')(b'a', 1)
    repo.wvfs.unlink(b'.hglfs')
    assert tracking.read(repo)(b'a', 1)


def test_the_threshold_adds_to_tracked_files(repo):
    repo.ui.setconfig(b'lfs', b'track', b'**.bin')
    repo.ui.setconfig(b'lfs', b'threshold', b'1k')
    islarge = tracking.read(repo)
    assert islarge(b'a.bin', 1)
    assert islarge(b'a.txt', 1025)
    assert not islarge(b'a.txt', 1024)


def test_an_invalid_rule_in_the_configuration_is_an_error(repo):
    repo.ui.setconfig(b'lfs', b'track', b'size(')
    for threshold in (None, b'1k'):
        repo.ui.setconfig(b'lfs', b'threshold', threshold)
        with pytest.raises(error.ParseError):
            tracking.read(repo)


def test_configured_is_true_where_a_file_may_be_large(repo):
    assert not tracking.configured(repo)
    repo.ui.setconfig(b'lfs', b'threshold', b'1k')
    assert tracking.configured(repo)
    repo.ui.setconfig(b'lfs', b'threshold', None)
    repo.ui.setconfig(b'lfs', b'track', b'**.bin')
    assert tracking.configured(repo)
    repo.ui.setconfig(b'lfs', b'track', b'none()')
    repo.wvfs.write(b'.hglfs', b'')
    assert tracking.configured(repo)


@pytest.mark.parametrize(
    ('text', 'line', 'instead'),
    [
        (b'**.psd = all()\n', 1, b'write [track] on a line before it'),
        (b'# why\n[tracks]\n**.psd = all()\n', 2, b'write [track]'),
        (b'[Track]\n', 1, b'write [track]'),
        (b'[track]\n**.a = all()\n[trak]\n', 3, b'write [track]'),
        (b'[lfs]\n"path:a b" = all()\n', 2, b'write [track] on a line before it'),
        (b'[lfs]\n*.psd = all()\n', 2, b'write [track] on a line before it'),
    ],
)
def test_misplaced_lines_are_reported(repo, text, line, instead):
    with pytest.raises(error.Abort) as caught:
        tracking.checkmisplaced(text)
    assert caught.value.hint == b'see .hglfs:%d; %s' % (line, instead)
    # a changeset that has it can still be rebased
    assert not tracking.parse(text, repo.root)(b'a.psd', 1)


def test_unknown_sections_are_ignored():
    tracking.checkmisplaced(b'[track]\n**.a = all()\n[other]\nstack = 1\n[stacks]\n')


@pytest.mark.parametrize(
    ('rule', 'instead'),
    [
        (b'*.psd = all()', b'write **.psd = all()'),
        (b'art/*.exr = none()', b'write path:art & **.exr = none()'),
        (b'path:my-dir = all()', b'write "path:my-dir" = all()'),
        (b'**.psd = yes', b'write **.psd = all()'),
        (b'**.psd =', b'write **.psd = all()'),
        (b'**.psd = none', b'write **.psd = none()'),
        (b'**.psd = 10MB', b'write **.psd = size(">10MB")'),
        (b'**.psd = size(>10 MB)', b'write **.psd = size(">10 MB")'),
        (b'**.psd = "<=1k"', b'write **.psd = size("<=1k")'),
    ],
)
def test_the_hint_for_an_invalid_rule_is_a_valid_rule(repo, rule, instead):
    with pytest.raises(error.Abort) as caught:
        tracking.parse(b'[track]\n%s\n' % rule, repo.root)
    assert caught.value.hint.startswith(b'see .hglfs:2')
    assert caught.value.hint.endswith(b'; ' + instead)
    tracking.parse(b'[track]\n%s\n' % instead[len(b'write ') :], repo.root)
