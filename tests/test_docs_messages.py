"""The page of troubleshooting quotes messages as the code has them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from support.pages import ROOT, docs

_PACKAGE = ROOT / 'hgext3rd' / 'hglfs'
_PAGE = ROOT / 'docs' / 'troubleshooting.rst'
#: Conversions of format strings.
_PART = re.compile(r'%[-\d.]*[sdrgi]')
#: What may stand for a part of a message: capitals, a status, a file, a setting.
_STANDIN = re.compile(
    r"[A-Z]+|N [a-z]+|\d{3}|\.hglfs|lfs|lfs\.[a-z-]+|upload|download|'[A-Z]+'"
)
#: A message with fewer letters says too little to be told from others.
_LETTERS = 8


def _constants() -> Iterator[str]:
    """Yield the texts in the code, whole and by line; docstrings are none."""
    for path in sorted(_PACKAGE.rglob('*.py')):
        nodes = list(ast.walk(ast.parse(path.read_text('utf-8'))))
        docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        for node in nodes:
            value = getattr(node, 'value', None)
            if not isinstance(node, ast.Constant) or id(node) in docstrings:
                continue
            if isinstance(value, (bytes, str)):
                text = value.decode('utf-8') if isinstance(value, bytes) else value
                yield text.strip('\n')
                yield from text.strip('\n').split('\n')


def _pattern(message: str) -> re.Pattern[str]:
    """Return a pattern with a group for each part of a message."""
    parts = [re.escape(part.replace('%%', '%')) for part in _PART.split(message)]
    return re.compile('(.+?)'.join(parts) + r'\Z')


@pytest.fixture(scope='module')
def patterns() -> list[re.Pattern[str]]:
    found = {text for text in _constants() if _letters(_PART.sub('', text)) >= _LETTERS}
    return [_pattern(text) for text in found]


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _isinthecode(quoted: str, patterns: list[re.Pattern[str]]) -> bool:
    """Return whether a quoted message is made of messages in the code."""
    return any(
        all(
            _STANDIN.fullmatch(part) or _isinthecode(part, patterns)
            for part in match.groups()
        )
        for match in (pattern.match(quoted) for pattern in patterns)
        if match
    )


def quoted() -> list[str]:
    """Return the messages on the page: literals in the terms of its entries."""
    tree = docs.read(_PAGE)[0]
    return [
        ' '.join(literal.astext().split())
        for term in tree.findall(docs.nodes.term)
        for literal in term.findall(docs.nodes.literal)
    ]


@pytest.mark.parametrize('message', quoted())
def test_each_message_on_the_page_is_in_the_code(message, patterns):
    assert _isinthecode(message, patterns)


def test_the_page_has_entries():
    assert len(quoted()) > 50


@pytest.mark.parametrize(
    'message',
    [
        'lfs object OID is not there',
        'lfs object 5891b5b5 is not here',
        'LFS HTTP error: something else',
        'LFS server error for "FILE": The object does exist',
        'FILE: FILE',
    ],
)
def test_a_message_that_is_not_in_the_code_is_found(message, patterns):
    assert not _isinthecode(message, patterns)
