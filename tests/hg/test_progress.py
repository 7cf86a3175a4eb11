"""The meters of transfers: what is said when they fail."""

from __future__ import annotations

import io

import pytest
from mercurial import ui as uimod

from hgext3rd.hglfs.hg import progress
from hgext3rd.hglfs.lfs.blob import DOWNLOAD, UPLOAD, BlobRef

KB = 1 << 10
REFS = [BlobRef(b'%064x' % number, KB * number) for number in range(1, 6)]


@pytest.fixture
def ui():
    made = uimod.ui.load()
    made.ferr, made.fout = io.BytesIO(), io.BytesIO()
    return made


def fail(meter, done, left=()) -> None:
    meter.planned(len(REFS), sum(ref.size for ref in REFS))
    for ref in REFS[:done]:
        meter.started(ref)
        meter.advanced(ref.size)
        meter.finished(ref)
    meter.closed()
    meter.abandoned(len(left), sum(left))


@pytest.mark.parametrize('cls', [progress.QuietMeter, progress.TalkingMeter])
def test_a_failure_says_what_was_done_and_how_to_go_on(ui, cls):
    fail(cls(ui, UPLOAD), 3)
    assert ui.ferr.getvalue() == (
        b'lfs: uploaded 3 of 5 files (6.00 KB of 15.0 KB);'
        b' run the same command again to go on\n'
    )


def test_what_was_not_planned_is_left_too(ui):
    fail(progress.QuietMeter(ui, DOWNLOAD), 1, [KB, KB])
    assert ui.ferr.getvalue().startswith(
        b'lfs: downloaded 1 of 7 files (1.00 KB of 17.0 KB);'
    )


@pytest.mark.parametrize(('done', 'lenient'), [(0, False), (5, False), (3, True)])
def test_nothing_is_said_where_that_would_not_help(ui, done, lenient):
    fail(progress.TalkingMeter(ui, UPLOAD, lenient), done)
    assert ui.ferr.getvalue() == b''
