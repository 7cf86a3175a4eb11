"""Read the ``[clone-bundles]`` section into a frozen value."""

from __future__ import annotations

import re
import urllib.parse
from dataclasses import dataclass

from mercurial import encoding, error
from mercurial.i18n import _
from mercurial.utils import stringutil

from ...hg import compat
from .. import manifest
from . import regions
from .catalog import BLOBS
from .manifestentries import Destination
from .policy import Triggers

_SECTION = b'clone-bundles'
INLINE = 'inline'
#: The value of ``blobs`` for packs of what a clone checks out.
AUTO = b'auto'
#: The name of the destination with the options of Mercurial's clonebundles extension.
_COMMAND = 'command'
#: Uppercase keys are reserved for Mercurial and hg-lfs.
_RESERVED = str.isupper


@dataclass(frozen=True)
class Target:
    """The settings of a destination.

    ``directory`` is set for a folder, and ``upload`` for a destination with commands.
    Neither is set for the store or for inline bundles. ``local`` is as in Destination.
    """

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    directory: bytes | None = None
    upload: bytes | None = None
    delete: bytes | None = None
    template: str = ''
    local: str = ''

    @property
    def destination(self) -> Destination:
        """The settings that are needed to create entries of manifests."""
        return Destination(self.name, self.attributes, self.local)


@dataclass(frozen=True)
class BundleSettings:
    """The settings of clone bundles; see ``config.ITEMS`` for units and defaults."""

    formats: tuple[bytes, ...]
    onchange: bool
    delay: float
    triggers: Triggers
    targets: tuple[Target, ...]
    regions: regions.Regions
    grace: float
    chainlength: int
    pullbundles: bool
    blobs: bytes | None = None
    packratio: float = 0.9

    @property
    def destinations(self) -> tuple[Destination, ...]:
        """For each destination, the settings that are needed to create entries."""
        return tuple(target.destination for target in self.targets)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the destinations."""
        return tuple(target.name for target in self.targets)

    @property
    def packtargets(self) -> tuple[Target, ...]:
        """The destinations at which packs are published.

        Inline bundles have no range requests, so packs cannot be inline.
        """
        return tuple(target for target in self.targets if target.name != INLINE)


def read(ui) -> BundleSettings:
    """Read the settings of a ui; raise ConfigError for invalid ones."""
    return BundleSettings(
        formats=tuple(ui.configlist(_SECTION, b'auto-generate.formats')),
        onchange=ui.configbool(_SECTION, b'auto-generate.on-change'),
        delay=ui.configwith(float, _SECTION, b'auto-generate.delay'),
        triggers=Triggers(
            ui.configwith(float, _SECTION, b'trigger.below-bundled-ratio'),
            ui.configint(_SECTION, b'trigger.revs'),
            ui.configbytes(_SECTION, b'trigger.bytes'),
            ui.configint(_SECTION, b'trigger.clones'),
        ),
        targets=tuple(_target(ui, name) for name in _names(ui)),
        regions=_regions(ui),
        grace=ui.configwith(float, _SECTION, b'grace'),
        chainlength=ui.configint(_SECTION, b'chain-length'),
        pullbundles=ui.configbool(_SECTION, b'pullbundles'),
        blobs=_blobs(ui),
        packratio=ui.configwith(float, _SECTION, b'trigger.below-packed-ratio'),
    )


def _blobs(ui) -> bytes | None:
    """Return which changesets' blobs are packed: AUTO, a revset, or None for none."""
    text = ui.config(_SECTION, b'blobs')
    wanted = stringutil.parsebool(text)
    if wanted is None:
        return text
    return AUTO if wanted else None


def _names(ui) -> list[str]:
    """Return the names of the destinations in their order."""
    names = [encoding.strfromlocal(n) for n in ui.configlist(_SECTION, b'publish')]
    inline = ui.configbool(_SECTION, b'auto-generate.serve-inline')
    if not names and not inline:
        command = ui.config(_SECTION, b'upload-command')
        # the defaults: destinations that need no options
        able = [BLOBS, INLINE] if compat.sendsbundles() else [BLOBS]
        names = [_COMMAND] if command else able
    if inline and INLINE not in names:
        names.append(INLINE)
    if INLINE in names and not compat.sendsbundles():
        raise error.ConfigError(
            _(b'this Mercurial can not send clone bundles over its own connection'),
            hint=_(b'remove "inline" from clone-bundles.publish'),
        )
    return list(dict.fromkeys(names))


def _target(ui, name: str) -> Target:
    prefix = b'publish.%s.' % encoding.strtolocal(name)
    attributes = _attributes(ui, prefix + b'attributes')
    if name in (BLOBS, INLINE):
        return Target(name, attributes)
    directory = ui.configpath(_SECTION, prefix + b'directory')
    upload = ui.config(_SECTION, prefix + b'upload-command')
    delete = ui.config(_SECTION, prefix + b'delete-command')
    item = prefix + b'url-template'
    if name == _COMMAND and not directory and not upload:
        upload = ui.config(_SECTION, b'upload-command')
        delete = ui.config(_SECTION, b'delete-command')
        item = b'url-template'
    if not directory and not upload:
        raise error.ConfigError(
            _(b'there is no folder or upload command for clone bundles at "%s"')
            % encoding.strtolocal(name),
            hint=_(b'set clone-bundles.%sdirectory') % prefix,
        )
    template = _template(ui, item)
    return Target(name, attributes, directory, upload, delete, template)


def _template(ui, item: bytes) -> str:
    template = encoding.strfromlocal(ui.config(_SECTION, item) or b'')
    parts = urllib.parse.urlsplit(template)
    line = manifest.parse(_sample(template).encode('utf-8'))
    usable = '{basename}' in template and len(line) == 1 and line[0].entry
    if not usable or parts.scheme not in ('http', 'https', 'file'):
        raise error.ConfigError(
            _(
                b'clone-bundles.%s has to be an http(s) or file:/// URL with'
                b' "{basename}" in it'
            )
            % item,
            hint=_(b'clients download the bundles from this URL'),
        )
    return template


def _sample(template: str) -> str:
    """Return a URL for a template, to check its syntax with the parser of manifests.

    The parser refuses file: URLs, so http: takes their place. In a template, file: URLs
    are allowed, for clients that have the folder at the same path, as on a network
    drive.
    """
    url = template.replace('{basename}', 'x')
    return re.sub('^file:///', 'http://host/', url)


def _attributes(ui, item: bytes) -> tuple[tuple[str, str], ...]:
    found = []
    for text in ui.configlist(_SECTION, item):
        key, equals, value = encoding.strfromlocal(text).partition('=')
        if not key or not equals or _RESERVED(key):
            raise error.ConfigError(
                _(b'clone-bundles.%s: "%s" is not a lowercase key with a value')
                % (item, text),
                hint=_(b'as in region=eu'),
            )
        found.append((key, value))
    return tuple(found)


def _regions(ui) -> regions.Regions:
    items = ui.configlist(_SECTION, b'regions')
    try:
        return regions.parse(map(encoding.strfromlocal, items))
    except ValueError as exc:
        raise error.ConfigError(
            _(b'clone-bundles.regions: "%s" is not a network and its region')
            % encoding.strtolocal(str(exc)),
            hint=_(b'as in 192.0.2.0/24=eu'),
        ) from exc
