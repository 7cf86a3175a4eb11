"""Parse and filter untrusted manifests of clone bundles, line by line.

Mercurial's own functions parse the lines and filter the entries. If they raise an
exception for a line, this line is left out, and the others are used.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable

from mercurial.utils import stringutil

from ...lfs import words
from .. import manifest

#: The longest line that is parsed, in bytes, and the number of lines.
_MAXLINE = 64 << 10
_MAXLINES = 10000


def parsed(ui, text: bytes, parse: Callable[[bytes], list[dict]]) -> list[dict]:
    """Return the valid entries of a manifest.

    ``parse`` is Mercurial's function, which is called for each line.
    """
    entries: list[dict] = []
    for number, line in enumerate(text.splitlines(), 1):
        if number > _MAXLINES:
            ui.debug(b'ignoring what follows line %d of the manifest\n' % _MAXLINES)
            break
        try:
            if len(line) > _MAXLINE:
                raise ValueError('too long')
            entries += filter(_isclean, parse(line))
        except Exception as exc:  # untrusted input can cause any exception
            ui.debug(
                b'ignoring line %d of the manifest: %s\n'
                % (number, words.shown(stringutil.forcebytestr(exc)))
            )
    return entries


def compatible(
    ui, entries: list[dict], choose: Callable[[list[dict]], list[dict]]
) -> list[dict]:
    """Return the entries that this client can use.

    ``choose`` is Mercurial's filter, which is called for each entry. An entry for which
    the filter raises an exception is left out.
    """
    chosen: list[dict] = []
    for entry in entries:
        try:
            if choose([masked(entry)]):
                chosen.append(entry)
        except Exception as exc:  # untrusted, as above
            ui.debug(
                b'filtering %s because of %s\n'
                % (
                    words.shown(entry[b'URL']),
                    words.shown(stringutil.forcebytestr(exc)),
                )
            )
    return chosen


def pullable(repo, entry: dict) -> bool:
    """Return whether an entry of ``pullbundles.manifest`` can be passed to Mercurial.

    An entry with a hash that is not in the repository, for example after a strip, would
    make Mercurial's server fail at every pull. An entry that hg-lfs generated is also
    refused if its changesets are no longer public.
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
    """Return True if an entry has no control characters; otherwise raise ValueError.

    Mercurial would print the control characters in its messages.
    """
    if not all(words.isclean(text) for item in entry.items() for text in item):
        raise ValueError('control characters')
    return True


def masked(entry: dict) -> dict:
    """Return an entry without password and query in its URL, for messages."""
    return {**entry, b'URL': words.shown(entry[b'URL'])}
