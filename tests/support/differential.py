"""Run one history with plain Mercurial and with hg-lfs, in step, and compare.

After each step these have to agree: exit code, output apart from lines that begin
with ``lfs:``, every working file with its mode, the status, the hashes of all
changesets and manifests, and the state of a merge. The idea is that of Mercurial's
own fuzzers: plain Mercurial defines what is right.
"""

from __future__ import annotations

import contextlib
import difflib
import itertools
import json
import os
import random
import re
import stat
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .cmdserver import CRASHED, CommandServer, Result
from .histories import RULES, Histories, Seen, Step

#: Steps that are commands of Mercurial's; the others change files.
COMMANDS = ('hg', 'ask', 'histedit', 'import')
SIDES = ('plain', 'hglfs')  # of one length: some output is cut to a width
#: Settings of every run. Nothing in them depends on time, place or user.
CONFIG = """\
[ui]
username = test
interactive = no
editor = true
interface = text
merge = :merge
timeout = 5
[devel]
default-date = 0 0
all-warnings = yes
[extensions]
absorb =
fix =
histedit =
rebase =
uncommit =
observing = {here}/observing.py
[fix]
upper:command = sed s/two/TWO/
upper:pattern = glob:**.txt or glob:**.bin
[alias]
purge = purge --no-confirm
[web]
cacerts =
[merge-patterns]
.hglfs = :other
[merge-tools]
glue.executable = {tools}/glue
glue.args = $local $other $output
failing.executable = {tools}/failing
failing.args = $local $base $other
keeping.executable = {tools}/glue
keeping.args = $local $other $output
keeping.premerge = keep
keeping3.executable = {tools}/failing
keeping3.premerge = keep-merge3
binary.executable = {tools}/glue
binary.args = $local $other $output
binary.binary = yes
binary.symlink = yes
binary.checkchanged = yes
unchanged.executable = true
unchanged.check = conflicts, changed
"""
#: Settings of the side with hg-lfs.
OURS = """\
[extensions]
hglfs =
[lfs]
usercache = {cache}
track = {track}
"""
STREAMING = """\
[extensions]
streaming = {here}/streaming.py
"""
TOOLS = {
    'glue': '#!/bin/sh\ncat "$1" "$2" > "$3.glued" && cat "$3.glued" > "$3"'
    ' && rm "$3.glued"\n',
    'failing': '#!/bin/sh\nexit 1\n',
}
#: Settings of which each run has some.
VARIANTS = (
    '[experimental]\nevolution = all\n',
    '[rebase]\nexperimental.inmemory = yes\n',
    '[experimental]\ncopytrace = off\n',
    '[experimental]\ncopytrace = heuristics\n',
    '[merge]\ncheckignored = warn\ncheckunknown = warn\n',
    '[ui]\norigbackuppath = .hg/originals\n',
    '[format]\nuse-dirstate-v2 = yes\n[storage]\ndirstate-v2.slow-path = allow\n',
    '[rebase]\nsingletransaction = yes\n',
    '[commands]\nupdate.check = none\nresolve.explicit-re-merge = yes\n',
    '[extensions]\neol =\n',
    '[extensions]\nmq =\n[mq]\nsecret = yes\n',
    '[extensions]\nevolve =\ntopic =\n[experimental]\nevolution = all\n',
    '[extensions]\nkeyword =\n[keyword]\n** =\n',
    '[extensions]\nsplit =\n',
    '[encode]\n**.txt = sed s/one/ONE/\n[decode]\n**.txt = sed s/ONE/one/\n',
    '[diff]\ngit = yes\nshowfunc = yes\n',
    '[shelve]\nstore = internal\n',
    '[ui]\nverbose = yes\n',
    '[histedit]\nsingletransaction = yes\n',
    '[merge]\nstrict-capability-check = yes\non-failure = halt\n',
)
#: What Mercurial says about an unknown command if it finds no similar one.
_NOSUGGESTION = "(use 'hg help' for a list of commands)"
_STATES = {
    'graft': 'graftstate',
    'rebase': 'rebasestate',
    'histedit': 'histedit-state',
    'unshelve': 'shelvedstate',
    'merge': 'merge/state2',
}


@dataclass(frozen=True)
class World:
    """How a run's repositories are configured: both, and the one with hg-lfs alone."""

    config: str
    track: str
    rulechanges: bool
    streaming: bool

    @staticmethod
    def of(seed: int) -> World:
        """Return the world of a seed; each has other settings."""
        chosen = random.Random('world %d' % seed)
        variants = [text for text in VARIANTS if chosen.random() < 0.12]
        track = chosen.choice(RULES[:1] * 8 + RULES)
        rule = track.splitlines()[-1].partition(' = ')
        spec = rule[2] if rule[0] == '**' else '%s & %s' % (rule[0], rule[2])
        flags = chosen.random() < 0.5, chosen.random() < 0.6
        return World(''.join(variants), spec, *flags)


class Side:
    """One of the two repositories."""

    def __init__(self, hg: str, root: Path, name: str, config: str) -> None:
        self.name = name
        self._root = root / name
        self.repo = self._root / 'repo'
        self._root.mkdir(parents=True)
        tools = self._root / 'tools'
        tools.mkdir()
        for tool, text in TOOLS.items():
            (tools / tool).write_text(text)
            (tools / tool).chmod(0o755)
        rc = self._root / 'hgrc'
        here = str(Path(__file__).resolve().parent)
        text = CONFIG.replace('{tools}', str(tools)).replace('{here}', here)
        rc.write_text(text + config)
        environ = {
            **{key: os.environ[key] for key in ('PATH', 'LANG') if key in os.environ},
            'HGRCPATH': str(rc),
            'HGPLAIN': '1',
            'HGPLAINEXCEPT': 'alias',
            'HGENCODING': 'utf-8',
            'HOME': str(self._root),
            'TMPDIR': str(self._root),
            'PYTHONHASHSEED': '0',
        }
        self.repo.mkdir()
        # it starts without a repository, and so opens one for each command
        self._server = CommandServer(hg, str(self.repo), environ)
        self.hg('init')

    def close(self) -> None:
        self._server.close()

    def hg(self, *args: str) -> Result:
        return self._server.run([arg.encode() for arg in args])

    def do(self, step: Step) -> Result:
        """Run a step; changes of files have the result 0 or 1."""
        name, *args = step
        if name == 'hg':
            return self.hg(*args)
        if name in COMMANDS:
            return getattr(self, '_' + name)(*args)
        try:
            getattr(self, '_' + name)(self.repo / args[0], *args[1:])
        except (OSError, ValueError) as exc:
            return Result(1, type(exc).__name__.encode())
        return Result(0, b'')

    def observe(self) -> dict[str, object]:
        """Return what has to agree after a step."""
        result = self.hg('observe')
        return {'files': self.files(), 'state': (result.code, self.plain(result))}

    def plain(self, result: Result) -> str:
        """Return an output without the parts that may differ."""
        text = result.output.decode('utf-8', 'replace')
        text = text.replace(str(self._root), '$ROOT')
        lines = [line for line in text.splitlines() if not line.startswith('lfs:')]
        if 'Traceback (most recent call last)' in text:
            lines = [line for line in lines if line and line[0] not in ' *'][-1:]
        # our commands are suggested in place of unknown ones
        text = re.sub(r'(?m)^\(did you mean .*\)$', _NOSUGGESTION, '\n'.join(lines))
        lines = text.splitlines()
        return '\n'.join(
            re.sub(r' at: .*\.py:\d+ .*', ' at: $CODE', one) for one in lines
        )

    def seen(self, observed: dict) -> Seen:
        """Return the part of an observation that a generator may use."""
        places = {name: self.repo / '.hg' / place for name, place in _STATES.items()}
        return Seen(
            sorted(set(observed['files']) - {'.hglfs'}),
            observed['state'][1].count('\nchangeset '),
            [name for name, place in places.items() if place.exists()],
        )

    def largecount(self) -> int:
        """Return how many large revisions of users' files its history has."""
        template = "{lfs_files % '{file}\\n'}"
        result = self.hg('log', '--hidden', '-r', 'all()', '-T', template)
        names = result.output.decode().splitlines()
        return len([name for name in names if not name.startswith('.hg')])

    # files

    def files(self) -> dict[str, tuple]:
        found = {}
        for folder, folders, names in os.walk(self.repo):
            if '.hg' in folders:
                folders.remove('.hg')
            links = [
                one for one in folders if os.path.islink(os.path.join(folder, one))
            ]
            for name in [*names, *links]:
                path = os.path.join(folder, name)
                mode = os.lstat(path).st_mode
                where = os.path.relpath(path, self.repo)
                if stat.S_ISLNK(mode):
                    found[where] = 'link', os.readlink(path)
                else:
                    text = Path(path).read_bytes().decode('latin-1')
                    found[where] = oct(mode & 0o777), text
        return found

    @staticmethod
    def _write(path: Path, content: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            path.unlink()
        path.write_bytes(content.encode('latin-1'))

    def _edit(self, path: Path, kind: str, number: int, text: str) -> None:
        old = path.read_bytes().decode('latin-1')
        lines = old.split('\n')
        number %= len(lines)
        if kind == 'line':
            lines[number] = text
        elif kind == 'append':
            lines[-1:] = [text, lines[-1]]
        elif kind == 'swap':  # of the same size
            lines.reverse()
        else:
            del lines[number:]
        self._write(path, '\n'.join(lines))

    @staticmethod
    def _unlink(path: Path) -> None:
        path.unlink()

    @staticmethod
    def _chmod(path: Path, executable: bool) -> None:
        if path.is_symlink():
            raise ValueError
        path.chmod(0o755 if executable else 0o644)

    @staticmethod
    def _link(path: Path, target: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or path.is_file():
            path.unlink()
        path.symlink_to(target)

    def _ask(self, answers: list[str], *args: str) -> Result:
        encoded = [arg.encode() for arg in [*args, '--config', 'ui.interactive=yes']]
        return self._server.run(encoded, [answer.encode() for answer in answers])

    # commands whose arguments depend on the history

    def _histedit(self, rev: str, verbs: list[str], shuffle: int) -> Result:
        found = self.hg('log', '-r', '%s::.' % rev, '-T', '{node|short}\n')
        nodes = found.output.decode().split()
        if found.code or not nodes:
            return Result(255, b'no range')
        orders = list(itertools.islice(itertools.permutations(range(len(nodes))), 24))
        order = orders[shuffle % len(orders)]
        if '{rev}' in rev or shuffle % 2:
            order = tuple(range(len(nodes)))
        rules = ['%s %s' % (verbs[at % len(verbs)], nodes[at]) for at in order]
        commands = self._root / 'commands'
        commands.write_text('\n'.join(rules) + '\n')
        return self.hg('histedit', nodes[0], '--commands', str(commands))

    def _import(self, rev: str, *options: str) -> Result:
        patch = self._root / 'patch'
        if patch.exists():
            patch.unlink()
        self.hg('export', '--git', '-r', rev, '-o', str(patch))
        return self.hg('import', *options, str(patch))


@dataclass(frozen=True)
class Difference:
    """Where the two sides don't agree: after which steps, and in what."""

    steps: list[Step]
    what: str
    plain: object
    hglfs: object

    def describe(self) -> str:
        """Return the difference as text."""
        lines = ['%3d %s' % pair for pair in enumerate(map(json.dumps, self.steps))]
        lines += ['%s differ:' % self.what]
        one, other = self.plain, self.hglfs
        if isinstance(one, dict) and isinstance(other, dict):
            names = sorted(set(one) | set(other))
            names = [name for name in names if one.get(name) != other.get(name)]
            one = {name: one.get(name) for name in names}
            other = {name: other.get(name) for name in names}
        one, other = _shown(one), _shown(other)
        lines += difflib.unified_diff(one, other, *SIDES, lineterm='')
        return '\n'.join(lines)


def _shown(value: object) -> list[str]:
    if isinstance(value, tuple):
        return [line for one in value for line in str(one).splitlines()]
    if isinstance(value, dict):
        value = json.dumps(value, indent=1)
    return str(value).splitlines()


@dataclass
class Outcome:
    """The outcome of a run."""

    seed: int
    steps: int = 0
    large: int = 0
    changesets: int = 0
    refused: int = 0
    crashes: int = 0
    seconds: float = 0.0
    #: by command, the steps that ended with each exit code
    commands: dict[str, dict[int, int]] = field(default_factory=dict)
    difference: Difference | None = None


class Run:
    """One history on both sides."""

    def __init__(self, hg: str, root: Path, world: World) -> None:
        ours = OURS.format(cache=root / 'hglfs' / 'cache', track=world.track)
        if world.streaming:
            ours += STREAMING.format(here=Path(__file__).resolve().parent)
        self._sides = (
            Side(hg, root, 'plain', world.config),
            Side(hg, root, 'hglfs', world.config + ours),
        )
        for side in self._sides:
            loaded = side.hg('debugextensions', '-T', '{name}\n').output.split()
            if (b'hglfs' in loaded) != (side.name == 'hglfs'):
                self.close()
                raise RuntimeError('%s: wrong extensions for %s' % (hg, side.name))
        self._done: list[Step] = []
        self._seen = Seen()

    def close(self) -> None:
        for side in self._sides:
            side.close()

    def first(self, world: World) -> Iterable[Step]:
        """Yield the steps that every history begins with."""
        for name, text in (('a.bin', '0 one\n1 two\n'), ('b.txt', '0 one\n')):
            yield ['write', name, text]
        yield ['hg', 'commit', '--addremove', '-m', 'first']

    def step(self, step: Step) -> tuple[Difference | None, Result, Seen]:
        """Run a step on both sides, and compare."""
        self._done.append(step)
        plain, ours = self._sides
        one, other = plain.do(step), ours.do(step)
        if one.code == other.code == CRASHED:
            # what a killed server has left behind
            for side in self._sides:
                side.hg('recover')
        if step[0] in COMMANDS or len(self._done) % 3 == 0:
            before, after = plain.observe(), ours.observe()
            self._seen = plain.seen(before)
            if before['state'][0]:  # two states that cannot be read are not equal
                results = before['state'], after['state']
                return Difference(list(self._done), 'looks', *results), one, self._seen
        else:  # the next command will show what Mercurial makes of it
            before, after = {'files': plain.files()}, {'files': ours.files()}
            self._seen.files = sorted(set(before['files']) - {'.hglfs'})
        results = {
            'exit codes': (
                (one.code, plain.plain(one)),
                (other.code, ours.plain(other)),
            ),
            'outputs': (plain.plain(one), ours.plain(other)),
        }
        pairs = {**results, **{name: (before[name], after[name]) for name in before}}
        if one.code == other.code:
            pairs.pop('exit codes')
        for what, (left, right) in pairs.items():
            if left != right:
                return Difference(list(self._done), what, left, right), one, self._seen
        return None, one, self._seen

    def markers(self) -> bool:
        """Return whether conflict markers have made the rules unreadable."""
        with contextlib.suppress(OSError):
            return b'<<<<<<<' in (self._sides[0].repo / '.hglfs').read_bytes()
        return False

    def verify(self) -> Difference | None:
        """Make the slow comparisons at the end."""
        return self.step(['hg', 'verify'])[0]

    def largecount(self) -> int:
        return self._sides[1].largecount()


def run(hg: str, root: Path, seed: int, count: int) -> Outcome:
    """Run a random history of some steps, up to the first difference."""
    world, outcome, began = World.of(seed), Outcome(seed), time.monotonic()
    both, histories = Run(hg, root, world), Histories(seed, world.rulechanges)
    try:
        pending, seen = list(both.first(world)), Seen()
        while outcome.steps < count and outcome.difference is None:
            step = pending.pop(0) if pending else histories.step(seen)
            outcome.difference, result, seen = both.step(step)
            outcome.steps += 1
            outcome.refused += result.code != 0
            outcome.crashes += result.code == CRASHED
            name = step[{'hg': 1, 'ask': 2}.get(step[0], 0)]
            codes = outcome.commands.setdefault(name, {})
            codes[result.code] = codes.get(result.code, 0) + 1
            if both.markers():
                pending.append(['write', '.hglfs', '[track]\n%s\n' % RULES[0]])
        outcome.difference = outcome.difference or both.verify()
        outcome.large, outcome.changesets = both.largecount(), seen.count
    finally:
        both.close()
        outcome.seconds = time.monotonic() - began
    return outcome


def replay(hg: str, root: Path, seed: int, steps: Iterable[Step]) -> Difference | None:
    """Run given steps with the settings of a seed; return the first difference."""
    both = Run(hg, root, World.of(seed))
    try:
        for step in steps:
            difference = both.step(step)[0]
            if difference is not None:
                return difference
    finally:
        both.close()
    return None


def shrink(
    steps: list[Step], differs: Callable[[list[Step]], Difference | None]
) -> Difference | None:
    """Leave out steps as long as a difference remains."""
    best = differs(steps)
    if best is None:
        return None
    size = max(1, len(best.steps) // 2)
    while size:
        at = 0
        while at < len(best.steps):
            fewer = best.steps[:at] + best.steps[at + size :]
            found = differs(fewer) if fewer else None
            if found is not None and found.what == best.what:
                best = found
            else:
                at += size
        size //= 2
    return best
