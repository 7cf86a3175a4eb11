"""Build docs/ as HTML and check it; write the page of settings from the help.

A page may link to another as ``page.rst#anchor``, as forges show it; in HTML the link
leads to ``page.html``. Everything that docutils warns of, and each link to a page or an
anchor that does not exist, is a complaint.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import docutils.core
import docutils.utils
from docutils import nodes

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / 'docs'
SETTINGS = DOCS / 'settings.rst'
HELP = ROOT / 'hgext3rd' / 'hglfs' / 'help'
#: The help topics with settings, and what the page calls their sections.
TOPICS = (
    ('hglfs', 'Clients'),
    ('lfs-server', 'Servers'),
    ('lfs-clone-bundles', 'Clone bundles'),
)
_HEAD = """\
Settings
========

.. Made from hgext3rd/hglfs/help/*.txt by "make docs". Change these files instead.

Every setting of hg-lfs. The same text is in the help: ``hg help hglfs.settings``,
``hg help lfs-server.settings`` and ``hg help lfs-clone-bundles.settings``. A setting
``lfs.url`` is the item ``url`` in the section ``[lfs]`` of a configuration file; see
``hg help config`` for where these files are. Sizes take the units ``B``, ``KB``, ``MB``
and ``GB``, which are powers of 1024. NAME is a name of your choice.

For tasks, see `Using hg-lfs <users.rst>`__, `Running a server <operators.rst>`__ and
`Clone bundles <clone-bundles.rst>`__.
"""
_TERM = re.compile(r'^``([a-z][A-Za-z0-9.:-]*)``\n(?=    )', re.M)
_ROLE = re.compile(r':hg:`([^`]+)`')
_WARNING = 2


def settings() -> str:
    """Return the page of settings."""
    parts = [_HEAD]
    for topic, title in TOPICS:
        text = (HELP / (topic + '.txt')).read_text('utf-8')
        found = text.partition('\nSettings\n========\n')[2]
        found = _TERM.sub(r'_`\1`\n', found)
        found = _ROLE.sub(r'``hg \1``', found)
        parts.append('\n%s\n%s\n%s' % (title, '-' * len(title), found))
    return '\n'.join(parts)


def pages() -> list[Path]:
    """Return all pages, those in the root of the repository included."""
    return sorted([*DOCS.rglob('*.rst'), *ROOT.glob('*.rst'), *_others()])


def _others() -> Iterator[Path]:
    yield ROOT / 'changelog' / 'README.rst'
    yield ROOT / 'contrib' / 'deploy' / 'README.rst'


def read(page: Path) -> tuple[nodes.document, list[str]]:
    """Return a page as a tree, and what is wrong with it."""
    complaints: list[str] = []
    options = {'report_level': 5, 'halt_level': 5, 'file_insertion_enabled': True}
    document = docutils.core.publish_doctree(
        page.read_text('utf-8'), str(page), settings_overrides=options
    )
    for message in [*document.parse_messages, *document.transform_messages]:
        if message['level'] >= _WARNING:
            complaints.append(message.astext())
    return document, complaints


def targets(document: nodes.document) -> list[str]:
    """Return the names that a page defines in its text, as ``_`name```."""
    return [node.astext() for node in document.findall(nodes.target) if node.astext()]


def links(document: nodes.document) -> Iterator[str]:
    """Yield the links of a page that lead to other files or places of the same."""
    for node in document.findall(nodes.reference):
        uri = node.get('refuri', '')
        if uri and not re.match(r'[a-z]+:', uri):
            yield uri
    for node in document.findall(nodes.image):
        yield node['uri']


def check() -> list[str]:
    """Return all that is wrong with the pages."""
    trees = {}
    complaints = []
    for page in pages():
        trees[page], found = read(page)
        complaints += ['%s: %s' % (page.relative_to(ROOT), text) for text in found]
    for page, tree in trees.items():
        for uri in links(tree):
            if not _leads(page, uri, trees):
                complaints.append('%s: dead link: %s' % (page.relative_to(ROOT), uri))
    return complaints


def _leads(page: Path, uri: str, trees: dict[Path, nodes.document]) -> bool:
    path, _mark, anchor = uri.partition('#')
    target = (page.parent / path).resolve() if path else page
    if not anchor or target not in trees:
        return target.exists() and not anchor
    return anchor in trees[target].ids


def build(out: Path) -> None:
    """Write the pages of docs/ as HTML into a folder."""
    options = {'report_level': 5, 'embed_stylesheet': True}
    for page in DOCS.rglob('*.rst'):
        html = docutils.core.publish_string(
            page.read_text('utf-8'), str(page), writer='html5',
            settings_overrides=options,
        ).decode('utf-8')  # fmt: skip
        html = re.sub(r'(href="(?![a-z]+:)[^"#]*)\.rst(["#])', r'\1.html\2', html)
        target = out / page.relative_to(DOCS).with_suffix('.html')
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(html, 'utf-8')


def main() -> int:
    """Write the page of settings, check all pages, and build them."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('out', type=Path, help='folder for the HTML')
    args = parser.parse_args()
    SETTINGS.write_text(settings(), 'utf-8')
    complaints = check()
    print('\n'.join(complaints) or 'no complaints about %d pages' % len(pages()))
    build(args.out)
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main())
