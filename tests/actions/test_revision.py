"""Files in every kind of context: compared with large ones, and looked at."""

from __future__ import annotations

from support.processes import python

_PRELUDE = """
import os, sys
from mercurial import commands, context, extensions, filemerge, hg, ui as uimod
ui = uimod.ui.load()
ui.setconfig(b'extensions', b'hglfs', b'')
ui.setconfig(b'lfs', b'track', b'all()')
ui.setconfig(b'lfs', b'usercache', os.fsencode(sys.argv[1]) + b'/cache')
ui.setconfig(b'ui', b'username', b'test')
extensions.loadall(ui)
repo = hg.repository(ui, os.fsencode(sys.argv[1]) + b'/repo', create=True)
repo.wvfs.write(b'large', b'a large text')
commands.add(ui, repo)
commands.commit(ui, repo, message=b'large')
fctx = repo[b'.'][b'large']
assert fctx.islfs()
"""


def test_each_context_compares_with_a_large_file(folder):
    python(
        _PRELUDE
        + """
repo.wvfs.write(b'copy', b'a large text')
overlay = context.overlayworkingctx(repo)
overlay.setbase(repo[b'.'])
same = [
    repo[None][b'large'],
    context.memfilectx(repo, None, b'large', b'a large text'),
    overlay[b'large'],
    context.metadataonlyctx(repo, repo[b'.'])[b'large'],
]
for other in same:
    assert not other.cmp(fctx), other
    assert not fctx.cmp(other), other
    assert not other.isbinary(), other
overlay.write(b'large', b'other text 1', b'')
others = [overlay[b'large'], context.memfilectx(repo, None, b'x', b'other text 1')]
for other in others:
    assert other.cmp(fctx), other
    assert fctx.cmp(other), other

absent = filemerge.absentfilectx(repo[b'.'], b'large')
assert fctx.cmp(absent)
assert absent.cmp(fctx)
outside = context.arbitraryfilectx(repo.wjoin(b'copy'), repo)
assert not outside.cmp(fctx)
assert not outside.cmp(repo[None][b'large'])
""",
        folder.decode(),
    )


def test_a_filelog_of_an_unknown_type_has_no_large_files(folder):
    python(
        _PRELUDE
        + """
class History:
    pass

class Remote(context.filectx):
    def filelog(self):
        return History()

other = Remote(repo, b'large', fileid=fctx.filenode(), changectx=repo[b'.'])
assert not other.islfs()
assert not other.isbinary()
""",
        folder.decode(),
    )


def test_an_unreadable_file_is_not_binary(folder):
    """As in core, also for a file whose folder has become a file."""
    python(
        _PRELUDE
        + """
def state(path):
    fctx = context.workingfilectx(repo, path)
    try:
        return fctx.isbinary(), fctx.data()
    except OSError as exc:
        return fctx.isbinary(), type(exc)

assert state(b'missing') == (False, FileNotFoundError)
assert state(b'large/below') == (False, NotADirectoryError)
""",
        folder.decode(),
    )


def test_a_write_error_names_the_file(folder):
    python(
        _PRELUDE
        + """
from hgext3rd.hglfs.actions import revision
text = revision.stored(fctx)
repo.wvfs.makedirs(b'folder')
for path, kind in (
    (b'large/below', NotADirectoryError),
    (b'folder', IsADirectoryError),
):
    try:
        repo.wwrite(path, text, b'')
    except OSError as exc:
        assert type(exc) is kind, exc
        assert exc.filename == repo.wjoin(path), exc
        assert exc.filename2 is None
    else:
        raise AssertionError(path)
assert sorted(os.listdir(repo.root)) == [b'.hg', b'folder', b'large']
""",
        folder.decode(),
    )
