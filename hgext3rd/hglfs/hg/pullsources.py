"""Record where a repository's changesets were pulled from, the latest first.

Format: URLs without passwords, one per line, in ``.hg/lfs/sources``.
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
    """Return the recorded URLs; an empty list if the file cannot be read."""
    with contextlib.suppress(OSError):
        return _recorded(repo)
    return []


def _recorded(repo) -> list[bytes]:
    """Return the recorded URLs; raise OSError where the file cannot be read."""
    try:
        return files.readbounded(_place(repo), _LONGEST).splitlines()[:_MOST]
    except FileNotFoundError:
        return []


def note(repo, url: bytes, below: bytes | None = None) -> None:
    """Record a URL before the others, unless it is the default path.

    ``below`` is the repository that a bundle repository is based on, else None. If
    ``url`` is that of a bundle, ``below`` is recorded instead, because blobs are in the
    repository, not in the bundle. In a read-only repository nothing is recorded.
    """
    try:
        known = _recorded(repo)
    except OSError:  # do not overwrite the unreadable file
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
