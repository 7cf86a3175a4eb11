"""Reads manifests of clone bundles as their servers, of whatever kind, write them.

What a line means, and whether a bundle is of use here, is for Mercurial to say. A
line that is more than it bears is left out, and no more.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable

from mercurial.utils import stringutil

from ...lfs import words
from .. import manifest

#: A longer line, in bytes, or more lines nobody writes by hand or by program.
_MAXLINE = 64 << 10
_MAXLINES = 10000


def parsed(ui, text: bytes, parse: Callable[[bytes], list[dict]]) -> list[dict]:
    """Returns a manifest's entries; ``parse`` is Mercurial's own."""
    entries: list[dict] = []
    for number, line in enumerate(text.splitlines(), 1):
        if number > _MAXLINES:
            ui.debug(b'ignoring what follows line %d of the manifest\n' % _MAXLINES)
            break
        try:
            if len(line) > _MAXLINE:
                raise ValueError('too long')
            entries += filter(_isclean, parse(line))
        except Exception as exc:  # what a stranger writes may break anything
            ui.debug(
                b'ignoring line %d of the manifest: %s\n'
                % (number, words.shown(stringutil.forcebytestr(exc)))
            )
    return entries


def compatible(
    ui, entries: list[dict], choose: Callable[[list[dict]], list[dict]]
) -> list[dict]:
    """Returns the entries that are of use here; ``choose`` is Mercurial's own."""
    chosen: list[dict] = []
    for entry in entries:
        try:
            if choose([masked(entry)]):
                chosen.append(entry)
        except Exception as exc:  # as above
            ui.debug(
                b'filtering %s because of %s\n'
                % (
                    words.shown(entry[b'URL']),
                    words.shown(stringutil.forcebytestr(exc)),
                )
            )
    return chosen


def pullable(repo, entry: dict) -> bool:
    """Tells whether Mercurial can look at a pull bundle: it stumbles on hashes.

    Those that aren't here, as after a strip, would be the end of every pull. Of
    ours, what is public no more goes to nobody.
    """
    repo = repo.unfiltered()
    hashes = [entry[key] for key in (b'heads', b'bases') if key in entry]
    try:
        nodes = [binascii.unhexlify(n) for text in hashes for n in text.split(b';')]
    except ValueError:
        return False
    if not all(map(repo.changelog.hasnode, nodes)):
        return False
    ours = entry.get(manifest.OWN[0]) == manifest.OWN[1]
    return not (ours and repo.revs(b'%ln and not public()', nodes))


def _isclean(entry: dict) -> bool:
    """Tell whether an entry has no control characters; raise ValueError otherwise.

    Mercurial shows what it makes of them as it is.
    """
    if not all(words.isclean(text) for item in entry.items() for text in item):
        raise ValueError('control characters')
    return True


def masked(entry: dict) -> dict:
    """Return an entry for Mercurial to show: its URL has no password and no query."""
    return {**entry, b'URL': words.shown(entry[b'URL'])}
