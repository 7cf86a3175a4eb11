"""Advertise the increments of bundles."""

from __future__ import annotations

from dataclasses import replace

from ...hg.clientinfo import ClientInfo
from .. import manifest
from . import advertise, bundles, manifestentries, state
from .catalog import Bundle
from .settings import BundleSettings


def lines(repo, client: ClientInfo, digests: bytes) -> bytes:
    """Return the increments of some bundles as a manifest for a client.

    ``digests`` are the SHA-256 of the bundles in hex digits, separated by spaces. For
    the format, see ``manifest``.
    """
    wanted = set(digests.decode('ascii', 'replace').split())
    known = bundles.open(repo)
    found = [
        entry
        for bundle in known.bundles.read().advertised
        if bundle.digest in wanted and state.valid(repo, bundle)
        for entry in _entries(repo, known.settings, client, bundle)
    ]
    return advertise.text(repo, known.settings, client, found)


def _entries(
    repo, settings: BundleSettings, client: ClientInfo, bundle: Bundle
) -> list[manifest.Entry]:
    steps = bundle.cut(lambda step: state.valid(repo, step)).chain
    return [
        _entry(
            bundle, number, step, manifestentries.entry(step, url, target.destination)
        )
        for number, step in enumerate(steps, 1)
        for target in settings.targets
        if (url := advertise.urlof(repo, step, step.at(target.name), client))
    ]


def _entry(
    bundle: Bundle, number: int, step: Bundle, entry: manifest.Entry
) -> manifest.Entry:
    more = (
        (manifest.BASE, bundle.digest.encode('ascii')),
        (manifest.STEP, b'%d' % number),
        (manifest.BASES, ';'.join(step.bases).encode('ascii')),
    )
    return replace(entry, attributes=entry.attributes + more)
