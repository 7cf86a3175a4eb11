"""Adds the ``lfs`` requirement with the first large file, and takes it back."""

from __future__ import annotations

import itertools

from mercurial import requirements, scmutil
from mercurial.interfaces import repository

from ..hg import lfsrepo
from ..hg.abort import translated
from ..hg.lfsrepo import REQUIREMENT, LfsRepo
from . import scan


def committed(lfs: LfsRepo, transaction) -> None:
    """Notes a large file in a commit: its blob must outlive a power cut."""
    infile(lfs.repo, transaction)
    transaction.addfinalize(b'lfs-flush', lambda tr: _flush(lfs))


def infile(repo, transaction) -> None:
    """States that the repository has large files; part of the transaction.

    Where the transaction fails, the ``requires`` file is as it was, and so is the
    repository object.
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
    """Notes where the revisions of a file that a changegroup brought are large ones.

    The hook for changegroups states it, which is not run where there are files but
    no changesets; then it is stated as the transaction closes.
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
    """States it for what has arrived in the transaction that is under way."""
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
    with translated():
        lfs.store.flush()
