"""Refuse large files in exchanges with Git by hg-git, which does not support Git LFS.

hg-git would push the content of a large file as a plain Git blob, and import a pointer
of Git LFS as the content of a file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mercurial import error
from mercurial.i18n import _

from ..lfs import pointer
from ..lfs.errors import PointerError
from . import scan

#: The mode of a symbolic link in a Git tree.
_LINK = 0o120000
#: The start of a pointer of Git LFS, and its maximum size in bytes.
_START = b'version ' + pointer.VERSION
_LONGEST = 1024


def checkexport(ctx) -> None:
    """Raise Abort if a changeset to be pushed to Git has large files."""
    for path in sorted(scan.ofchangeset(ctx)):
        raise error.StateError(
            _(b'%s@%s is a large file, which hg-git cannot send to Git') % (path, ctx),
            hint=_(
                b'push to a Mercurial repository instead, or commit the file'
                b' with --config lfs.track="none()" and without .hglfs'
            ),
        )


def checkimport(
    commit: bytes,
    files: Mapping[bytes, tuple[bool, int | None, bytes | None]],
    read: Callable[[bytes], bytes],
) -> None:
    """Raise Abort if a Git commit has pointers of Git LFS.

    ``files`` are from hg-git, by path: whether it is deleted, its mode, and the id of
    its Git blob. ``read`` returns the content of a Git blob by its id.
    """
    for path, (deleted, mode, sha) in sorted(files.items()):
        if not deleted and sha is not None and mode != _LINK and _ispointer(read(sha)):
            raise error.StateError(
                _(b'%s in commit %s of Git is kept in Git LFS, which hg-git lacks')
                % (path, commit[:12]),
                hint=_(
                    b'run "git lfs migrate export --everything --include=%s" in a'
                    b' clone made by git, and clone that'
                )
                % path,
            )


def _ispointer(text: bytes) -> bool:
    if len(text) > _LONGEST or not text.startswith(_START):
        return False
    try:
        pointer.decode(text)
    except PointerError:
        return False
    return True
