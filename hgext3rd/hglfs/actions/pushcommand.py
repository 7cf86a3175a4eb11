"""Upload the blobs that a user names, without changesets."""

from __future__ import annotations

from mercurial import discovery, error
from mercurial.i18n import _
from mercurial.node import wdirrev

from ..hg import compat, lfsrepo, messages, remotes
from ..hg.abort import translated
from ..hg.lfsrepo import LfsRepo
from ..lfs import words
from ..lfs.blob import UPLOAD, BlobRef, unique
from ..lfs.remote.api import Remote
from . import chosen, push, scan


def outgoing(repo, dest: bytes | None, dryrun: bool) -> list[BlobRef]:
    """Upload the blobs that outgoing changesets introduce.

    Returns the blobs that the remote needs; with ``dryrun``, they are not uploaded.
    ``dest`` is None for the default path.
    """
    lfs = lfsrepo.get_if_required(repo)
    if lfs is None:
        return []
    url = compat.pushurl(repo, dest)
    if url is None:
        raise error.ConfigError(
            _(b'default repository not configured!'),
            hint=_(b"see 'hg help config.paths'"),
        )
    other = compat.openpeer(repo.ui, url)
    try:
        with messages.redirected(repo.ui):
            missing = discovery.findcommonoutgoing(repo, other).missing
        with push.uploadingto(lfs, other), translated():
            return _send(lfs, lfs.ops.target, scan.ofrevs(repo, missing), dryrun)
    finally:
        other.close()


def revisions(repo, revs, dest: bytes | None, dryrun: bool) -> list[BlobRef]:
    """Upload the blobs of all large files in some revisions, except secret ones.

    Arguments and result are as in ``outgoing``.
    """
    lfs = lfsrepo.get_if_required(repo)
    if lfs is None:
        return []
    public = repo.revs(b'%ld and not secret()', [rev for rev in revs if rev != wdirrev])
    secret = len(revs) - len(public)
    if secret:
        one, many = (
            _(b'ignored %d secret changeset\n'),
            _(b'ignored %d secret changesets\n'),
        )
        messages.status(repo.ui, words.plural(secret, one, many) % secret)
    contexts = [repo[rev] for rev in public]
    refs = list(chosen.ofcontexts(lfs, contexts, None))
    return _sendto(lfs, dest, unique(refs), dryrun)


def history(repo, dest: bytes | None, dryrun: bool) -> list[BlobRef]:
    """Upload the blobs of the whole history, except those of secret changesets.

    Arguments and result are as in ``outgoing``.
    """
    lfs = lfsrepo.get_if_required(repo)
    if lfs is None:
        return []
    refs = scan.ofrevs(repo, repo.revs(b'not secret()'))
    return _sendto(lfs, dest, refs, dryrun)


def _sendto(
    lfs: LfsRepo, dest: bytes | None, refs: list[BlobRef], dryrun: bool
) -> list[BlobRef]:
    url = compat.pushurl(lfs.repo, dest)
    with translated():
        return _send(lfs, next(remotes.candidates(lfs, UPLOAD, url)), refs, dryrun)


def _send(
    lfs: LfsRepo, remote: Remote | None, refs: list[BlobRef], dryrun: bool
) -> list[BlobRef]:
    assert remote is not None
    needed = push.wanted(lfs, remote, refs) if refs else []
    if not dryrun:  # all: a blob that the remote refuses is reported
        push.send(lfs, remote, refs)
    return needed
