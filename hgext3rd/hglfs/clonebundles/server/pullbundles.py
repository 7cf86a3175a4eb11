"""Write increments to ``pullbundles.manifest``, for clients without hg-lfs.

Format: ``mercurial.wireprotov1server.find_pullbundle``. The lines are as in
``clonebundles.manifest``, but with a path below ``.hg`` instead of a URL, and with
``heads`` and ``bases``, which are hashes separated by semicolons. Mercurial's server
sends the bundle of the first line that is suitable for a client.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .. import manifest
from . import formats
from .catalog import Bundle, Catalog

_TOKEN = b'%s=%s' % manifest.OWN
#: Paths that are empty, absolute or hidden, or have characters that need escapes.
_UNUSABLE = re.compile(r'\A\Z|\A[./]|/\.|[^!-~]|\\')


def entries(
    catalog: Catalog[Bundle], folders: Mapping[str, str]
) -> list[manifest.Entry]:
    """Return the entries of ``pullbundles.manifest`` for the increments in a catalog.

    ``folders`` has the names of destinations below ``.hg``, with templates of paths as
    in ``Destination.local``.
    """
    found = [one for one in catalog.advertised if _fits(one.spec)]
    found.sort(key=lambda one: formats.rank(one.format))
    steps = [step for bundle in found for step in bundle.chain]
    paths = (
        (step, _path(template, step))
        for step in steps
        for name, template in folders.items()
        if step.at(name)
    )
    return [_entry(step, path) for step, path in paths if not _UNUSABLE.search(path)]


def merged(text: bytes, ours: Sequence[manifest.Entry]) -> bytes:
    """Return the text of a manifest with its generated lines replaced by ``ours``.

    The other lines come first, because Mercurial uses the first suitable line.
    """
    lines = text.splitlines(keepends=True)
    kept = b''.join(line for line in lines if _TOKEN not in line.split())
    if ours and kept and not kept.endswith((b'\n', b'\r')):
        kept += b'\n'
    return kept + manifest.format(list(ours))


def _fits(spec: str) -> bool:
    """Return whether all clients with pull bundles can read a BUNDLESPEC."""
    return spec.partition(';')[0].endswith('-v2')


def _path(template: str, bundle: Bundle) -> str:
    blob = '%s/%s' % (bundle.digest[:2], bundle.digest[2:])
    return template.replace('{basename}', bundle.basename).replace('{blob}', blob)


def _entry(step: Bundle, path: str) -> manifest.Entry:
    pairs = [
        (b'BUNDLESPEC', step.spec.encode('utf-8')),
        (b'heads', ';'.join(step.heads).encode('ascii')),
    ]
    if step.bases:
        pairs.append((b'bases', ';'.join(step.bases).encode('ascii')))
    return manifest.Entry(path.encode('ascii'), (*pairs, manifest.OWN))
