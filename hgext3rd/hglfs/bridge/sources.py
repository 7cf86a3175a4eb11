"""Where a repository's changesets with large files came from, the last first.

Format: URLs without passwords, one a line, in ``lfs/sources`` below ``.hg``.
"""

from __future__ import annotations

import contextlib
import os

from mercurial.utils import urlutil

_MOST = 3


def read(repo) -> list[bytes]:
    """Returns the URLs."""
    with contextlib.suppress(OSError), open(_place(repo), 'rb') as handle:
        return handle.read().splitlines()[:_MOST]
    return []


def note(repo, url: bytes, below: bytes | None = None) -> None:
    """Puts a URL before the others, unless it is the default path anyway.

    A repository that can't be written to goes without. With a bundle's comes the
    repository that it is on top of, which has the blobs.
    """
    known = read(repo)
    url = below if url.startswith(b'bundle:') and below else _bare(url)
    if url.startswith((b'bundle:', b'union:')):
        return
    if url == repo.ui.config(b'paths', b'default') or known[:1] == [url]:
        return
    lines = [url, *(other for other in known if other != url)][:_MOST]
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(_place(repo)), exist_ok=True)
        temporary = _place(repo) + b'.new'
        with open(temporary, 'wb') as handle:
            handle.write(b'\n'.join(lines) + b'\n')
        os.replace(temporary, _place(repo))


def _place(repo) -> bytes:
    return os.path.join(repo.sharedpath, b'lfs', b'sources')


def _bare(text: bytes) -> bytes:
    url = urlutil.url(text)
    url.passwd = None
    return bytes(url)
