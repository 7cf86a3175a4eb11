"""Adds the ``lfs`` requirement with the first large file, and takes it back."""

from __future__ import annotations

import itertools

from mercurial import requirements, scmutil
from mercurial.interfaces import repository

from ..hg import repolfs
from ..hg.abort import translated
from ..hg.repolfs import REQUIREMENT, RepoLfs
from . import scan


def committed(box: RepoLfs, transaction) -> None:
    """Notes a large file in a commit: its blob must outlive a power cut."""
    infile(box.repo, transaction)
    transaction.addfinalize(b'lfs-flush', lambda tr: _flush(box))


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
    repolfs.avoidrust(repo.ui)


def arrived(box: RepoLfs, rlog, added: range, transaction) -> None:
    """Notes where the revisions of a file that a changegroup brought are large ones.

    The hook for changegroups states it, which is not run where there are files but
    no changesets; then it is stated as the transaction closes.
    """
    large = (rev for rev in added if scan.islargerev(rlog, rev))
    first = next(large, None)
    if first is None:
        return
    if not box.received:
        box.received = True
        transaction.addfinalize(b'lfs-requirement', lambda tr: received(box.repo))
        transaction.addabort(b'lfs-received', lambda tr: _missed(box))
    if box.inspect is not None:
        box.inspect(rlog, itertools.chain([first], large))


def received(repo) -> None:
    """States it for what has arrived in the transaction that is under way."""
    box = repolfs.of(repo)
    if box is not None and box.received:
        box.received = False
        infile(repo, repo.currenttransaction())


def _missed(box: RepoLfs) -> None:
    box.received = False


def _forget(repo) -> None:
    repo.requirements.discard(REQUIREMENT)
    repo.features.discard(repository.REPO_FEATURE_LFS)


def _flush(box: RepoLfs) -> None:
    with translated():
        box.store.flush()
