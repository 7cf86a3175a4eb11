"""A Mercurial extension: stream small files, too, wherever large ones are."""

from __future__ import annotations

from hgext3rd.hglfs.hg import largetext


def extsetup(ui) -> None:
    largetext.LEAST = 0
