"""Where a repository's changesets with large files came from, the last first.

Format: URLs without passwords, one a line, in ``lfs/sources`` below ``.hg``.
"""

from __future__ import annotations

import contextlib
import os

from mercurial.utils import urlutil

from ..lfs.store import files

_MOST = 3
#: The longest file that is read, in bytes.
_LONGEST = 64 << 10


def read(repo) -> list[bytes]:
    """Returns the URLs."""
    with contextlib.suppress(OSError):
        return _known(repo)
    return []


def _known(repo) -> list[bytes]:
    """Return the URLs; raise OSError where the file can't be read."""
    try:
        return files.readbounded(_place(repo), _LONGEST).splitlines()[:_MOST]
    except FileNotFoundError:
        return []


def note(repo, url: bytes, below: bytes | None = None) -> None:
    """Puts a URL before the others, unless it is the default path anyway.

    A repository that can't be written to goes without. With a bundle's comes the
    repository that it is on top of, which has the blobs.
    """
    try:
        known = _known(repo)
    except OSError:  # what it names is not to be forgotten
        return
    url = below if url.startswith(b'bundle:') and below else _bare(url)
    if url.startswith((b'bundle:', b'union:')):
        return
    if url == repo.ui.config(b'paths', b'default') or known[:1] == [url]:
        return
    lines = [url, *(other for other in known if other != url)][:_MOST]
    with contextlib.suppress(OSError):
        files.replacewith(_place(repo), b'\n'.join(lines) + b'\n', files.Modes())


def _place(repo) -> bytes:
    return os.path.join(repo.sharedpath, b'lfs', b'sources')


def _bare(text: bytes) -> bytes:
    url = urlutil.url(text)
    url.passwd = None
    return bytes(url)
