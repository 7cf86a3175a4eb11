"""Bundle specifications: what can be made of a repository, and what it is called."""

from __future__ import annotations

from dataclasses import dataclass

from mercurial import bundlecaches, error, pycompat
from mercurial.i18n import _

from ...hg import lfsrepo


@dataclass(frozen=True)
class Format:
    """A kind of bundle: ``name`` for people, ``type`` for ``hg bundle``."""

    name: str
    type: bytes
    stream: bool

    @property
    def first(self) -> bool:
        """Whether it is of the first version, which has no parts."""
        return self.type.partition(b';')[0].endswith(b'-v1')

    @property
    def chains(self) -> bool:
        """Whether such a bundle can go on where another ends."""
        return not self.stream and not self.first


def parse(repo, text: bytes) -> Format:
    """Returns the format that a configuration names; raises Abort for what is none."""
    try:
        spec = bundlecaches.parsebundlespec(repo, text, strict=False)
    except (
        error.InvalidBundleSpecification,
        error.UnsupportedBundleSpecification,
    ) as exc:
        raise error.ConfigError(
            _(b'clone-bundles.auto-generate.formats: %s') % pycompat.bytestr(exc),
            hint=_(b"see 'hg help bundlespec'"),
        ) from exc
    if spec.version == b'packed1':
        raise error.ConfigError(
            _(b'clone-bundles.auto-generate.formats: %s can not be made') % text,
            hint=_(b'use none-streamv2 instead'),
        )
    kind = streamkind(spec)
    if kind:
        return Format('none-stream' + kind.decode('ascii'), _stream(kind), True)
    _head, semicolon, parameters = text.partition(b';')
    type = b'%s-%s%s%s' % (spec.compression, spec.version, semicolon, parameters)
    return Format(type.decode('utf-8', 'replace'), type, False)


def streamkind(spec) -> bytes | None:
    """Returns of which version a stream is, or None where a bundle is none."""
    found = spec.contentopts.get(b'stream')
    # hg <= 6.6: it was called so
    return found or (b'v2' if spec.contentopts.get(b'streamv2') else None)


def _stream(kind: bytes) -> bytes:
    return b'none-v2;stream=%s' % kind


def obstacle(repo, format: Format) -> bytes | None:
    """Returns why a repository can't have bundles of a format, or None.

    A stream is the store as it is, and so has whatever is in it.
    """
    large = lfsrepo.REQUIREMENT in repo.requirements
    if large and format.first:
        return _(b'bundles of version 1 can not have large files')
    if not format.stream:
        return None
    whole = repo.unfiltered()
    if whole.obsstore:
        return _(b'a stream would have obsolescence markers, which clients refuse')
    hidden = len(whole) - len(whole.revs(b'public()'))
    if hidden:
        return _(b'a stream would have %d changesets that are not public') % hidden
    if not repo.ui.configbool(b'server', b'uncompressed'):
        return _(b'streams are turned off by server.uncompressed')
    return None


def exact(repo, format: Format) -> str:
    """Returns the BUNDLESPEC of a bundle that is made now."""
    if format.stream:
        from mercurial import streamclone

        needed = b','.join(sorted(streamclone.streamed_requirements(repo)))
        return (b'%s;requirements=%s' % (format.type, needed)).decode('ascii')
    spec = format.type
    if lfsrepo.REQUIREMENT in repo.requirements and b'cg.version=' not in spec:
        spec += b';cg.version=03'
    return spec.decode('utf-8', 'replace')


def malformed(repo, spec: bytes) -> bytes | None:
    """Returns what is wrong with a BUNDLESPEC, or None.

    One that this Mercurial doesn't know may be for clients that are newer.
    """
    try:
        bundlecaches.parsebundlespec(repo, spec)
    except error.InvalidBundleSpecification as exc:
        return pycompat.bytestr(exc)
    except error.UnsupportedBundleSpecification:
        return None
    return None
