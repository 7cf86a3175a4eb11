"""Parse bundle specifications, and determine which of them a repository supports."""

from __future__ import annotations

from dataclasses import dataclass

from mercurial import bundlecaches, error, pycompat
from mercurial.i18n import _

from ...hg import lfsrepo
from ...lfs import words


@dataclass(frozen=True)
class Format:
    """A format of bundles.

    ``name`` is the name in the configuration, ``type`` the bundle type as for
    ``hg bundle --type``, and ``stream`` whether bundles are copies of the store.
    """

    name: str
    type: bytes
    stream: bool

    @property
    def isv1(self) -> bool:
        """Whether this is bundle version 1, which has no parts."""
        return self.type.partition(b';')[0].endswith(b'-v1')

    @property
    def supportsincrements(self) -> bool:
        """Whether bundles of this format can have increments.

        Stream bundles and bundles of version 1 cannot have increments.
        """
        return not self.stream and not self.isv1


def parse(repo, text: bytes) -> Format:
    """Parse a configured format; raise ConfigError for an invalid one."""
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
    """Return the stream version of a bundle specification, such as ``v2``.

    Returns None if it is not for a stream bundle.
    """
    found = spec.contentopts.get(b'stream')
    # hg <= 6.6: its name then
    return found or (b'v2' if spec.contentopts.get(b'streamv2') else None)


def _stream(kind: bytes) -> bytes:
    return b'none-v2;stream=%s' % kind


def obstacle(repo, format: Format) -> bytes | None:
    """Return why bundles of a format cannot be generated in a repository, or None.

    A stream bundle is a copy of the store. Therefore all changesets must be public, and
    there must be no obsolescence markers.
    """
    large = lfsrepo.REQUIREMENT in repo.requirements
    if large and format.isv1:
        return _(b'bundles of version 1 can not have large files')
    if not format.stream:
        return None
    whole = repo.unfiltered()
    if whole.obsstore:
        return _(b'a stream would have obsolescence markers, which clients refuse')
    hidden = len(whole) - len(whole.revs(b'public()'))
    if hidden:
        obstacle = words.plural(
            hidden,
            _(b'a stream would have %d changeset that is not public'),
            _(b'a stream would have %d changesets that are not public'),
        )
        return obstacle % hidden
    if not repo.ui.configbool(b'server', b'uncompressed'):
        return _(b'streams are turned off by server.uncompressed')
    return None


def exact(repo, format: Format) -> str:
    """Return the exact BUNDLESPEC of a bundle that is generated now.

    It includes the requirements of a stream bundle, and the changegroup version that
    large files need.
    """
    if format.stream:
        from mercurial import streamclone

        needed = b','.join(sorted(streamclone.streamed_requirements(repo)))
        return (b'%s;requirements=%s' % (format.type, needed)).decode('ascii')
    spec = format.type
    if lfsrepo.REQUIREMENT in repo.requirements and b'cg.version=' not in spec:
        spec += b';cg.version=03'
    return spec.decode('utf-8', 'replace')


def malformed(repo, spec: bytes) -> bytes | None:
    """Return what is wrong with the syntax of a BUNDLESPEC, or None.

    A BUNDLESPEC that this version of Mercurial does not support is accepted, because
    newer clients may support it.
    """
    try:
        bundlecaches.parsebundlespec(repo, spec)
    except error.InvalidBundleSpecification as exc:
        return pycompat.bytestr(exc)
    except error.UnsupportedBundleSpecification:
        return None
    return None
