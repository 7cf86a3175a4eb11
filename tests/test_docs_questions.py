"""The commands of docs/questions.rst are run by test-questions.t, each in its place."""

from __future__ import annotations

import re

import pytest
from support.pages import ROOT, docs

_PAGE = ROOT / 'docs' / 'questions.rst'
_TEST = ROOT / 'tests' / 'test-questions.t'
#: What the page names as ``hg ...``, and the test does not run, with the reason.
_NOTRUN = {'hg': 'the program itself'}


def _entries() -> list[tuple[str, list[str]]]:
    """Return the questions, each with the commands of its answer."""
    found = []
    for item in docs.read(_PAGE)[0].findall(docs.nodes.definition_list_item):
        term, definition = item.children
        literals = [
            ' '.join(node.astext().split())
            for node in definition.findall(docs.nodes.literal)
        ]
        commands = [text for text in literals if re.match(r'hg( |\Z)', text)]
        found.append((term.rawsource or term.astext(), commands))
    return found


def _blocks() -> dict[str, list[str]]:
    """Return the command lines of the test, by the question before them."""
    heading = ''
    found: dict[str, list[str]] = {heading: []}
    for line in _TEST.read_text('utf-8').splitlines():
        if line.endswith('?') and not line.startswith(' '):
            heading = line
            found.setdefault(heading, [])
        elif line.startswith('  $ '):
            found[heading].append(line[4:])
    return found


def _pattern(command: str) -> re.Pattern[str]:
    """Return a pattern for a command whose words in capitals stand for others."""
    words = [
        r'\S+' if re.fullmatch('[A-Z]{3,}', word) else re.escape(word)
        for word in command.split()
    ]
    return re.compile(r'(^|[ |`"(])%s( |$|[`")|])' % ' '.join(words))


def test_there_are_the_questions_that_people_ask():
    assert len(_entries()) >= 25


@pytest.mark.parametrize('question', [question for question, _ in _entries()])
def test_each_question_is_a_block_of_the_test(question):
    assert _blocks()[question]


@pytest.mark.parametrize(
    ('question', 'command'),
    [(q, command) for q, commands in _entries() for command in commands],
)
def test_each_command_of_an_answer_is_run(question, command):
    if command not in _NOTRUN:
        lines = _blocks()[question]
        assert any(_pattern(command).search(line) for line in lines)


def test_the_exceptions_are_on_the_page():
    named = {command for _question, commands in _entries() for command in commands}
    assert _NOTRUN.keys() <= named
