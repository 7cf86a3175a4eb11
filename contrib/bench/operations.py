"""The operations: the state before, the commands of each tool, and the check after.

A command is looked up by a tool's name, then by its kind; the cell of a tool without a
command is blank. Braces stand for:

    {a} {b} {all}  all files as in revision A, the tenth as in B, both
    {out}          an empty folder
    {file}         the only file, where there is one
    {copy}         where a clone goes
    {cache}        of the repository that everything comes from
    {oid}          the SHA-256 of {file}
    {hgbench}      an extension with a command that only fetches
    {url} {lfs}    of the server, and of its Git LFS endpoint
    {bare}         git's own repository, local
    {onepass}      a copy with both hashes, in Python

The limit is what no tool can undercut that reads, hashes or writes the same bytes.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from .tools import Tool

COPY = ('cp -R {a} {out}',)
COPYCHANGED = ('cp -R {b} {out}',)
HASH = ('find {a} -type f -exec sha256sum {{}} +',)

# for tools that make no folders: of a file, $1, to a path, $2
INTO = """sh -c 'mkdir -p "$(dirname "$2")" && %s' - {file} {out}/{file}"""


@dataclass(frozen=True)
class Operation:
    """A row of a table: a stage and a check (both in stages.py), and commands."""

    name: str
    title: str
    stage: str
    check: str
    commands: dict[str, tuple[str, ...]]
    single: tuple[str, ...] = ()  # tools that take one file only

    def commandsof(self, tool: Tool, files: int) -> tuple[str, ...]:
        if files > 1 and tool.name in self.single:
            return ()
        other = self.commands.get(tool.kind, ())
        return self.commands.get(tool.name, other)

    @property
    def online(self) -> bool:
        return self.stage in ('empty', 'vacant', 'published', 'pointers')


def spell(templates: tuple[str, ...], places: dict) -> list[list[str]]:
    """Return commands as lists of arguments; paths may contain spaces."""
    return [
        [part.format(**places) for part in shlex.split(template)]
        for template in templates
    ]


OPERATIONS = (
    Operation(
        'commit',
        'add, commit',
        'new',
        'committed',
        {
            'hg': ('hg commit -q -A -m A',),
            'largefiles': ('hg add -q --large .', 'hg commit -q -m A'),
            'git': ('git add .', 'git commit -q -m A'),
            'limit': ('{python} {onepass} {a} {out}',),
        },
    ),
    Operation(
        'amend',
        'amend',
        'amendable',
        'clean',
        {
            'hg': ('hg commit -q --amend -m B',),
            # it uploads on amend, and aborts without a server
            'stock': ('hg commit -q --amend -m B --config lfs.url=null://',),
            # it leaves changed large files out of the commit, and modified
            'largefiles': (),
            'git': ('git commit -q -a --amend -m B',),
            'limit': ('{python} {onepass} {b} {out}',),
        },
    ),
    Operation(
        'status',
        'status, touched',
        'touched',
        'silent',
        {
            'hg': ('hg status',),
            'git': ('git status --porcelain',),
            'limit': HASH,
        },
    ),
    Operation(
        'checkout',
        'update from null',
        'atnull',
        'isa',
        {
            'hg': ('hg update -q A',),
            'git': ('git checkout -q A',),
            'limit': COPY,
        },
    ),
    Operation(
        'update',
        'update, A to B',
        'ata',
        'isb',
        {
            'hg': ('hg update -q B',),
            'git': ('git checkout -q B',),
            'limit': COPYCHANGED,
        },
    ),
    Operation(
        'revert',
        'revert',
        'modified',
        'isa',
        {
            'hg': ('hg revert -q --all --no-backup',),
            'git': ('git checkout -q -- .',),
            'limit': COPYCHANGED,
        },
    ),
    Operation(
        'cat',
        'cat -o',
        'ata',
        'outisa',
        {
            'hg': ('hg cat -q -r A -o {out}/%p .',),
            'largefiles': (INTO % 'hg cat -q -r A -o "$2" "$1"',),
            'git': (INTO % 'git cat-file --filters "A:$1" > "$2"',),
            'limit': COPY,
        },
        single=('git-lfs', 'largefiles'),
    ),
    Operation(
        'archive',
        'archive, tar',
        'ata',
        'tarisa',
        {
            'hg': ('hg archive -q -r A -t tar -p . {out}/archive.tar',),
            'git': ('git archive --format=tar -o {out}/archive.tar A',),
            'limit': COPY,
        },
    ),
    Operation(
        'verify',
        'verify',
        'ata',
        'nothing',
        {
            'hg': ('hg verify -q',),
            'largefiles': ('hg verify -q --large --lfa --lfc',),
            'git': ('git fsck --no-progress', 'git lfs fsck null..B'),
            'limit': ('find {all} -type f -exec sha256sum {{}} +',),
        },
    ),
    Operation(
        'push',
        'push',
        'empty',
        'arrived',
        {
            'hg': ('hg push -q -r A {url}',),
            'git': ('git -c lfs.url={lfs} push -q {bare} A:refs/heads/main',),
            'limit': COPY,
        },
    ),
    Operation(
        'clone',
        'clone',
        'published',
        'copyisa',
        {
            'hg': ('hg clone -q {url} {copy}',),
            'git': ('git -c lfs.url={lfs} clone -q {bare} {copy}',),
            'limit': COPY,
        },
    ),
)
