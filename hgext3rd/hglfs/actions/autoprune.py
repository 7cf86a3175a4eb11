"""Prune after updates and pushes, and keep the user's cache within its limits.

A run starts when the command has ended and has released its locks. It is limited in
time, blobs and bytes, does not wait for locks, does not prompt the user, and cannot
make the command fail.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Iterator

from mercurial import encoding, util
from mercurial.i18n import _
from mercurial.utils import stringutil

from ..hg import lfsrepo, messages
from ..hg.lfsrepo import LfsRepo
from ..lfs import words
from ..lfs.errors import Stopped
from ..lfs.store import files

#: The bounds of a run: seconds, blobs and bytes.
_SECONDS = 2.0
_COUNT = 1000
_BYTES = 4 << 30
#: The seconds after a run in which there is no other.
_PAUSE = 600


def after(repo) -> None:
    """Schedule a prune for the end of the current command, if it is configured."""
    lfs = lfsrepo.get_if_required(repo)
    if lfs is None or lfs.ops.pruning or not _iswanted(lfs):
        return
    lfs.ops.pruning = True
    lfs.ui.atexit(_run, lfs.repo)


def _iswanted(lfs: LfsRepo) -> bool:
    wanted = lfs.settings
    if not (wanted.autoprune or _limited(lfs)):
        return False
    # a hook must not delay the operation that it is part of
    return not messages.isserving() and b'HG_HOOKTYPE' not in encoding.environ


def _limited(lfs: LfsRepo) -> bool:
    return bool(lfs.settings.cachesize or lfs.settings.cacheage)


def _run(repo) -> None:
    lfs = lfsrepo.get(repo)
    if lfs is None:
        return
    lfs.ops.pruning = False
    try:
        _prune(lfs)
    except (Exception, KeyboardInterrupt) as exc:  # the command itself has succeeded
        lfs.ui.debug(b'lfs: not pruned: %s\n' % stringutil.forcebytestr(exc))


def _prune(lfs: LfsRepo) -> None:
    stamp = lfs.state(b'autopruned')
    with contextlib.suppress(FileNotFoundError):
        if 0 <= time.time() - os.stat(stamp).st_mtime < _PAUSE:
            return
    files.replacewith(stamp, b'', lfs.modes)
    count = freed = 0
    try:
        with _hurried(lfs):
            for size in _freed(lfs):
                count, freed = count + 1, freed + size
    finally:
        if freed:
            one = _(b'lfs: pruned %d blob (%s freed)\n')
            many = _(b'lfs: pruned %d blobs (%s freed)\n')
            text = words.plural(count, one, many)
            messages.status(lfs.ui, text % (count, util.bytecount(freed)))


def _freed(lfs: LfsRepo) -> Iterator[int]:
    """Prune, then evict from the cache; yield the bytes on disk freed by each blob."""
    from ..lfs.store.eviction import Limits
    from . import evict, prune

    wanted, pace = lfs.settings, _pace(time.monotonic() + _SECONDS)
    if wanted.autoprune:
        terms = prune.Terms(
            wanted.retention, young=False, count=_COUNT, size=_BYTES, wait=False
        )
        for blob in prune.Pruning(lfs, terms, pace).run():
            yield blob.freed
    if _limited(lfs):
        limits = Limits(wanted.cacheage or None, wanted.cachesize or None)
        for blob in evict.evict(lfs.ui, lfs, limits, True, pace):
            yield blob.freed


def _pace(end: float):
    def check() -> None:
        if time.monotonic() > end:
            raise Stopped(b'it takes longer than %d seconds' % _SECONDS)

    return check


@contextlib.contextmanager
def _hurried(lfs: LfsRepo) -> Iterator[None]:
    """Use short timeouts in this context, without retries and without prompts."""
    kept = lfs.settings
    lfs.settings = dataclasses.replace(kept, timeout=_SECONDS, retry=0)
    overrides: dict[tuple[bytes, bytes], object] = {
        (b'ui', b'interactive'): False,
        (b'http', b'timeout'): b'%d' % _SECONDS,
    }
    ssh = lfs.ui.config(b'ui', b'ssh')
    if os.path.basename(ssh) == b'ssh':
        overrides[b'ui', b'ssh'] = ssh + b' -oBatchMode=yes -oConnectTimeout=2'
    try:
        with lfs.ui.configoverride(overrides, b'lfs'):
            yield
    finally:
        lfs.settings = kept
