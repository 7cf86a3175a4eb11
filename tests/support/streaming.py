"""A Mercurial extension: small files are streamed, too, where large ones are."""

from __future__ import annotations

from hgext3rd.hglfs.bridge import largetext


def extsetup(ui) -> None:
    largetext.LEAST = 0
