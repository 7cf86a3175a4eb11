"""``pullbundles.manifest``: increments, for clients that know but Mercurial's own ways.

Format: ``mercurial.wireprotov1server.find_pullbundle``: lines as in
``clonebundles.manifest``, but with a path below ``.hg`` for the URL, and with
``heads`` and ``bases``, hashes with semicolons between. Of the lines that fit a
client the first is sent, by the server that the client pulls from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .. import manifest
from . import formats
from .catalog import Bundle, Catalog

_TOKEN = b'%s=%s' % manifest.OWN
#: A path that is none below a folder, or that a line can't have.
_UNUSABLE = re.compile(r'\A\Z|\A[./]|/\.|[^!-~]|\\')


def entries(
    catalog: Catalog[Bundle], folders: Mapping[str, str]
) -> list[manifest.Entry]:
    """Returns the lines for a catalog's increments.

    ``folders`` has the destinations that are below ``.hg``, as templates of paths.
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
    """Returns a manifest's text with these lines of ours, and what others wrote.

    That goes first: who writes lines by hand has reasons.
    """
    lines = text.splitlines(keepends=True)
    kept = b''.join(line for line in lines if _TOKEN not in line.split())
    if ours and kept and not kept.endswith((b'\n', b'\r')):
        kept += b'\n'
    return kept + manifest.format(list(ours))


def _fits(spec: str) -> bool:
    """Tells whether whoever knows pull bundles knows bundles of this kind."""
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
