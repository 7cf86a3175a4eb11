"""Change rules in the text of ``.hglfs``; comments and the order of rules are kept.

Mercurial's own parser determines the meaning of the file. The parser in this module
only finds the lines of each item.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

SECTION = b'track'
ALL, NONE = b'all()', b'none()'
_BOM = b'\xef\xbb\xbf'
# as in mercurial.config
_HEADER = re.compile(rb'\[([^\[]+)\]')
_ITEM = re.compile(rb'([^=\s][^=]*?)\s*=\s*(.*\S|)')
_FURTHER = re.compile(rb'\s+(\S|\S.*\S)\s*$')
_EMPTY = re.compile(rb'(;|#|\s*$)')
_COMMENT = re.compile(rb'[;#]')
#: How a left side begins, wherever it stands.
_LEFT = re.compile(rb'["\'(!]*(\*|path:)')
#: The minimum similarity to ``track``, from 0 to 1, of a misspelled section name.
_LIKENESS = 0.75


@dataclass(frozen=True)
class Item:
    """An item of the file, ``left = right``, with its section and lines.

    ``start`` is the first line, ``end`` the line after the last one. Lines count from
    0.
    """

    section: bytes
    left: bytes
    right: bytes
    start: int
    end: int


@dataclass(frozen=True)
class Mistake:
    """A mistake in the file: its line, what is wrong, and what to write ``instead``.

    Lines count from 1.
    """

    line: int
    what: bytes
    instead: bytes


class RuleFile:
    """The lines of a file of rules, and the items on them.

    Mercurial must be able to parse the file.
    """

    def __init__(self, data: bytes) -> None:
        self._lines = data.splitlines(True)
        self._end = b'\r\n' if b'\r\n' in data else b'\n'
        self.items: list[Item] = []
        self._headers: list[tuple[int, bytes]] = []
        self._scan()

    def data(self) -> bytes:
        """Return the text of the file."""
        return b''.join(self._lines)

    def rules(self) -> list[Item]:
        """Return the rules by precedence: the first one that matches a file decides.

        Of rules with the same left side only the last one counts, as for Mercurial.
        """
        last: dict[bytes, Item] = {}
        for item in self.items:
            if item.section == SECTION:
                last.pop(item.left, None)
                last[item.left] = item
        return list(last.values())

    def mistakes(self) -> list[Mistake]:
        """Return the mistakes: ignored lines that were probably meant as rules."""
        found = [
            Mistake(
                number + 1, b'section [%s] is not [track]' % section, b'write [track]'
            )
            for number, section in self._headers
            if _ismisspelled(section)
        ]
        for item in self.items:
            section = item.section
            if section == SECTION or section and not _LEFT.match(item.left):
                continue
            if not _ismisspelled(section):
                rule = b'%s = %s' % (item.left, item.right.replace(b'\n', b' '))
                what = b'a rule outside of [track]: %s' % rule
                instead = b'write [track] on a line before it'
                found.append(Mistake(item.start + 1, what, instead))
        return sorted(found, key=lambda mistake: mistake.line)

    def change(
        self, dropped: list[Item], new: bytes | None, before: Item | None
    ) -> None:
        """Remove all rules with the left sides of ``dropped``; add the rule ``new``.

        The new rule takes the place of the first dropped one, or is inserted above the
        rule ``before`` and its comment, whichever is earlier in the file. With neither
        a dropped rule nor ``before``, it becomes the last rule. If ``new`` is None, no
        rule is added.
        """
        lefts = {item.left for item in dropped}
        going = {
            number
            for item in self.items
            if item.section == SECTION and item.left in lefts
            for number in range(item.start, item.end)
        }
        lines = [] if new is None else [new + self._end]
        at = len(self._lines) if new is None else self._place(dropped, before)
        if lines and at and not self._lines[at - 1].endswith((b'\n', b'\r')):
            self._lines[at - 1] += self._end
        parts = (range(at), range(at, len(self._lines)))
        first, last = (
            [self._lines[number] for number in part if number not in going]
            for part in parts
        )
        self._lines = first + lines + last
        self._scan()

    def _place(self, dropped: list[Item], before: Item | None) -> int:
        """Return the index in ``_lines`` at which to insert a new rule.

        It takes the place of the first of the ``dropped`` rules, if that comes before
        the rule ``before``. Otherwise it goes directly before ``before``, or to the end
        of the section ``[track]`` for None. This section is appended if it is missing.
        """
        if dropped and (before is None or dropped[0].start < before.start):
            return dropped[0].start
        return self._placebefore(before) if before else self._placeatend()

    def _placebefore(self, item: Item) -> int:
        at = item.start
        while at and _COMMENT.match(self._lines[at - 1]):
            at -= 1
        return at

    def _placeatend(self) -> int:
        rules = self.rules()
        if rules:
            return rules[-1].end
        starts = [number for number, name in self._headers if name == SECTION]
        if not starts:
            if self._lines and self._lines[-1].strip():
                if not self._lines[-1].endswith((b'\n', b'\r')):
                    self._lines[-1] += self._end
                self._lines.append(self._end)
            self._lines.append(b'[%s]%s' % (SECTION, self._end))
            return len(self._lines)
        later = [number for number, _name in self._headers if number > starts[-1]]
        at = later[0] if later else len(self._lines)
        while at - 1 > starts[-1] and not self._lines[at - 1].strip():
            at -= 1
        return at

    def _scan(self) -> None:
        """Find headers and items, as Mercurial does."""
        self.items, self._headers = [], []
        section = b''
        current: Item | None = None
        for number, line in enumerate(self._lines):
            if not number and line.startswith(_BOM):
                line = line[len(_BOM) :]
            if current and _COMMENT.match(line):
                continue
            further = _FURTHER.match(line) if current else None
            if current and further:
                right = b'%s\n%s' % (current.right, further.group(1))
                current = Item(section, current.left, right, current.start, number + 1)
                self.items[-1] = current
                continue
            current = None
            header = _HEADER.match(line)
            item = _ITEM.match(line)
            if _EMPTY.match(line):
                continue
            if header:
                section = header.group(1)
                self._headers.append((number, section))
            elif item:
                left, right = item.groups()
                current = Item(section, left, right, number, number + 1)
                self.items.append(current)


def _ismisspelled(section: bytes) -> bool:
    """Return whether a section's name is probably a misspelling of ``track``."""
    name = section.strip().lower().decode('latin-1')
    if section == SECTION:
        return False
    return difflib.SequenceMatcher(None, name, 'track').ratio() >= _LIKENESS
