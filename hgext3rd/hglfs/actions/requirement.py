"""Add the ``lfs`` requirement to a repository when it gets its first large file.

If the transaction is rolled back, the requirement is removed again.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

from mercurial import requirements, scmutil
from mercurial.i18n import _
from mercurial.interfaces import repository

from ..hg import bars, lfsrepo
from ..hg.abort import translated
from ..hg.lfsrepo import REQUIREMENT, LfsRepo
from . import scan


def committed(lfs: LfsRepo, transaction) -> None:
    """Prepare a transaction that commits a large file.

    Adds the requirement, and registers a sync of the new blobs to the disk for the end
    of the transaction.
    """
    infile(lfs.repo, transaction)
    transaction.addfinalize(b'lfs-flush', lambda tr: _flush(lfs))


def infile(repo, transaction) -> None:
    """Add the requirement to a repository, as part of a transaction.

    If the transaction is rolled back, the ``requires`` file and the requirements of the
    repository object are restored.
    """
    if REQUIREMENT in repo.requirements:
        return
    shared = requirements.SHARESAFE_REQUIREMENT in repo.requirements
    transaction.addbackup(b'requires', location=b'' if shared else b'plain')
    transaction.addabort(b'lfs-requirement', lambda tr: _forget(repo))
    repo.requirements.add(REQUIREMENT)
    repo.features.add(repository.REPO_FEATURE_LFS)
    scmutil.writereporequirements(repo)
    lfsrepo.avoidrust(repo.ui)


def arrived(lfs: LfsRepo, rlog, added: range, transaction) -> None:
    """Handle revisions of a file that were received in a changegroup.

    If some of them are large, they are passed to the inspection of the changegroup, if
    any, and it is recorded that the repository needs the requirement. The changegroup
    hook adds the requirement. A changegroup without changesets does not run that hook;
    then it is added when the transaction closes.
    """
    large = (rev for rev in added if scan.islargerev(rlog, rev))
    first = next(large, None)
    if first is None:
        return
    if not lfs.ops.incoming.large:
        lfs.ops.incoming.large = True
        transaction.addfinalize(b'lfs-requirement', lambda tr: received(lfs.repo))
        transaction.addabort(b'lfs-received', lambda tr: _missed(lfs))
    if lfs.ops.incoming.inspect is not None:
        lfs.ops.incoming.inspect(rlog, itertools.chain([first], large))


def received(repo) -> None:
    """Add the requirement if the current transaction has received large files."""
    lfs = lfsrepo.get(repo)
    if lfs is not None and lfs.ops.incoming.large:
        lfs.ops.incoming.large = False
        infile(repo, repo.currenttransaction())


def _missed(lfs: LfsRepo) -> None:
    lfs.ops.incoming.large = False


def _forget(repo) -> None:
    repo.requirements.discard(REQUIREMENT)
    repo.features.discard(repository.REPO_FEATURE_LFS)


def _flush(lfs: LfsRepo) -> None:
    topic, unit = _(b'lfs syncing'), _(b'files')

    def seen(synced: Iterator[bytes], count: int) -> Iterator[bytes]:
        return bars.counted(lfs.ui, topic, unit, synced, count, os.path.basename)

    with translated():
        lfs.store.flush(seen)
