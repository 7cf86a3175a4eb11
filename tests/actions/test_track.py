"""Changes of .hglfs: what is written where, and what stays as it is."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mercurial import error, hg

from hgext3rd.hglfs.actions import rules as listing
from hgext3rd.hglfs.actions import track
from hgext3rd.hglfs.hg import rulefile, tracking, typed

PATHS = (b'a.psd', b'art/a.psd', b'art/sub/b.exr', b'art/b.exr', b'lib/c.py', b'd.PSD')


@pytest.fixture
def repo(ui, folder):
    place = os.path.join(os.path.realpath(folder), b'repo')
    ui.setconfig(b'ui', b'forcecwd', place)
    made = hg.repository(ui, place, create=True)
    for path in PATHS:
        made.wvfs.makedirs(os.path.dirname(path))
        made.wvfs.write(path, b'text\n')
    return made


def changed(repo, before: bytes | None, *patterns: bytes, islarge=True, anycase=False):
    if before is not None:
        repo.wvfs.write(b'.hglfs', before)
    track.change(repo, patterns, anycase, islarge, False)
    return repo.wvfs.tryread(b'.hglfs')


@pytest.mark.parametrize(
    ('before', 'pattern', 'after'),
    [
        # where the file is empty
        (None, b'*.psd', b'[track]\n**.psd = all()\n'),
        (b'', b'*.psd', b'[track]\n**.psd = all()\n'),
        (b'[track]', b'*.psd', b'[track]\n**.psd = all()\n'),
        (b'# mine', b'*.psd', b'# mine\n\n[track]\n**.psd = all()\n'),
        (
            b'[other]\na = b\n',
            b'*.psd',
            b'[other]\na = b\n\n[track]\n**.psd = all()\n',
        ),
        (
            b'[track]\n\n[other]\na = b\n',
            b'*.psd',
            b'[track]\n**.psd = all()\n\n[other]\na = b\n',
        ),
        # after the rules about other files
        (
            b'[track]\n# why\n**.exr = none()\n\n# the end\n',
            b'*.psd',
            b'[track]\n# why\n**.exr = none()\n**.psd = all()\n\n# the end\n',
        ),
        (
            b'[track]\n**.exr = all()',
            b'*.psd',
            b'[track]\n**.exr = all()\n**.psd = all()\n',
        ),
        (
            b'[track]\r\n**.exr = all()\r\n',
            b'*.psd',
            b'[track]\r\n**.exr = all()\r\n**.psd = all()\r\n',
        ),
        (
            b'\xef\xbb\xbf[track]\n**.exr = all()\n',
            b'*.psd',
            b'\xef\xbb\xbf[track]\n**.exr = all()\n**.psd = all()\n',
        ),
        # before a rule that would decide otherwise, and before its comment
        (
            b'[track]\n**.exr = all()\n# all else\n** = size(">10MB")\n',
            b'*.psd',
            b'[track]\n**.exr = all()\n**.psd = all()\n'
            b'# all else\n** = size(">10MB")\n',
        ),
        (
            b'[track]\n**.psd = none()\n',
            b'art',
            b'[track]\npath:art = all()\n**.psd = none()\n',
        ),
        # instead of the rule that it covers
        (
            b'[track]\n# pictures\n**.psd = size(">1MB")\n# others\n**.exr = none()\n',
            b'*.psd',
            b'[track]\n# pictures\n**.psd = all()\n# others\n**.exr = none()\n',
        ),
        (
            b'[track]\npath:art/sub = none()\n**.py = none()\nart = none()\n'.replace(
                b'\nart', b'\npath:art'
            ),
            b'art',
            b'[track]\npath:art = all()\n**.py = none()\n',
        ),
        (
            b'[track]\n**.psd = size(">1MB")\n  | size(">2MB")\n**.exr = all()\n',
            b'*.psd',
            b'[track]\n**.psd = all()\n**.exr = all()\n',
        ),
        # of two rules with the same left side the last one holds
        (
            b'[track]\n**.psd = all()\n**.exr = all()\n**.psd = none()\n',
            b'*.psd',
            b'[track]\n**.exr = all()\n**.psd = all()\n',
        ),
        # a rule that exists already stays
        (
            b'[track]\n**.psd = all()\n** = none()\n',
            b'art/*.psd',
            b'[track]\n**.psd = all()\n** = none()\n',
        ),
        (b'[track]\n** = all()\n', b'art', b'[track]\n** = all()\n'),
    ],
)
def test_track(repo, before, pattern, after):
    assert changed(repo, before, pattern) == after


@pytest.mark.parametrize(
    ('before', 'pattern', 'after'),
    [
        (None, b'*.psd', b''),
        (
            b'[track]\n# pictures\n**.psd = all()\n**.exr = all()\n',
            b'*.psd',
            b'[track]\n# pictures\n**.exr = all()\n',
        ),
        (
            b'[track]\npath:art & **.exr = all()\n** = size(">1MB")\n',
            b'path:art & **.exr',
            b'[track]\npath:art & **.exr = none()\n** = size(">1MB")\n',
        ),
        (
            b'[track]\n**.psd = all()\n',
            b'art',
            b'[track]\npath:art = none()\n**.psd = all()\n',
        ),
        (
            b'[track]\npath:art = none()\n**.psd = all()\n',
            b'art/a.psd',
            b'[track]\npath:art = none()\n**.psd = all()\n',
        ),
        (b'[track]\n**.exr = all()\n', b'.', b'[track]\n'),
    ],
)
def test_untrack(repo, before, pattern, after):
    assert changed(repo, before, pattern, islarge=False) == after


def test_a_pattern_for_any_case_replaces_one_for_one_case(repo):
    before = b'[track]\n**.ps = all()\n**.exr = all()\n'
    after = changed(repo, before, b'*.ps', anycase=True)
    assert after == b'[track]\n**.ps | **.PS | **.Ps | **.pS = all()\n**.exr = all()\n'


def test_nothing_is_written_if_one_pattern_is_refused(repo):
    before = b'[track]\n**.exr = all()\n'
    for patterns in ((b'*.psd', b'a?'), (b'art', b'*.exR')):
        with pytest.raises(error.InputError):
            changed(repo, before, *patterns)
        assert repo.wvfs.read(b'.hglfs') == before


def test_a_file_that_needs_a_manual_edit_is_refused(repo):
    before = b'[track]\n**.exr = all()\n%unset **.exr\n'
    with pytest.raises(error.Abort, match='can only be changed by hand'):
        changed(repo, before, b'*.psd')


def test_misplaced_rule_files_are_listed_with_the_rules_to_write(repo):
    repo.wvfs.write(b'art/.hglfs', b'[track]\n**.exr = all()\npath:sub = none()\n')
    found = [hint for _what, hint in listing.listing(repo).mistakes]
    assert found == [
        b'write there: path:art & **.exr = all()',
        b'write there: path:art/sub = none()',
    ]


RULES = st.lists(
    st.tuples(
        st.sampled_from(
            [
                b'**',
                b'**.psd',
                b'**.exr',
                b'path:art',
                b'path:art/sub',
                b'path:art & **.exr',
                b'path:lib | **.PSD',
                b'**.psd - path:art',
                b'path:art/a.psd',
            ]
        ),
        st.sampled_from([b'all()', b'none()', b'size(">10")', b'**.psd']),
    ),
    max_size=6,
)
PATTERN = st.sampled_from(
    [b'*.psd', b'art/**', b'art/*.exr', b'**', b'art/a.psd', b'art/sub', b'lib/c.py']
)


@settings(max_examples=200)
@given(rules=RULES, pattern=PATTERN, islarge=st.booleans())
def test_typed_patterns_take_effect_and_the_rest_is_unchanged(
    tmp_path_factory, rules, pattern, islarge
):
    root = os.fsencode(str(tmp_path_factory.getbasetemp()))
    lines = [b'# %d\n%s = %s\n' % (n, *rule) for n, rule in enumerate(rules)]
    data = b'[track]\n' + b''.join(lines)
    place = typed.WorkingFolder(root)
    text = rulefile.RuleFile(data)
    wanted = typed.parse(pattern, place)
    track._settle(text, wanted, islarge, place)
    before, after = tracking.parse(data, root), tracking.parse(text.data(), root)
    for path in PATHS:
        for size in (1, 100):
            if any(one.selector.matches(path) for one in wanted):
                assert after(path, size) == islarge
            else:
                assert after(path, size) == before(path, size)
    comments = [b'# %d\n' % number for number in range(len(rules))]
    kept = [line for line in text.data().splitlines(True) if line.startswith(b'#')]
    assert kept == comments
    again = rulefile.RuleFile(text.data())
    assert track._settle(again, wanted, islarge, place) == []
    assert again.data() == text.data()
