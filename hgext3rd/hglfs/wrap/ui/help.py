"""The help topics of this extension: each text is read from a file when it is shown."""

from __future__ import annotations

import functools
import os

from mercurial import exthelper, help
from mercurial.i18n import _, gettext

eh = exthelper.exthelper()

#: The names of each topic, the first of which is its file's, and its title.
TOPICS = (
    ((b'hglfs',), _(b'Large Files')),
    ((b'lfs-server',), _(b'Serving Large Files')),
    ((b'lfs-clone-bundles',), _(b'Clone Bundles')),
)
_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@eh.uisetup
def _addtopics(ui):
    for names, title in TOPICS:
        read = functools.partial(_read, names[0].decode('ascii'))
        help.helptable.append((list(names), title, read, help.TOPIC_CATEGORY_CONCEPTS))


def _read(name: str, ui) -> bytes:
    with open(os.path.join(_PACKAGE, 'help', name + '.txt'), 'rb') as handle:
        # Windows: a checkout may have other line ends
        return gettext(handle.read().replace(b'\r\n', b'\n'))
