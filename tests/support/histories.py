"""Random histories: the steps of users who do anything that Mercurial can.

A step is a list that JSON can hold. The first item names the kind of step; see
``differential.Side`` for their meaning.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

Step = list

NAMES = ('a.bin', 'b.txt', 'c', 'd/e.bin', 'd/f.txt', 'd/g', 'h i.bin', 'j.dat')
#: Names that are folders at other times.
CLASHING = ('d', 'c/k', 'j.dat/l.bin')
INTERNAL = (
    ':local',
    ':other',
    ':union',
    ':merge',
    ':merge3',
    ':mergediff',
    ':merge-local',
    ':merge-other',
    ':fail',
    ':dump',
    ':forcedump',
    ':prompt',
    ':tagmerge',
)
#: Tools that ``differential`` configures.
EXTERNAL = ('glue', 'failing', 'keeping', 'keeping3', 'binary', 'unchanged')
RULES = (
    '** = all()',
    '** = none()',
    '**.bin = all()',
    '**.txt = all()',
    '** = size(">20")',
    '** = size("<60")',
    'path:d = all()',
    '**.bin = none()\n** = all()',
)
#: Unfinished operations, the options that end them, and those that only some have.
UNFINISHED = {
    'graft': ('--continue', '--abort', '--stop'),
    'rebase': ('--continue', '--abort', '--stop'),
    'histedit': ('--continue', '--abort'),
    'unshelve': ('--continue', '--abort'),
    'merge': ('--abort',),
}


@dataclass
class Seen:
    """The state that a generator may use; ``files`` are those in the working folder."""

    files: list[str] = field(default_factory=list)
    count: int = 0
    unfinished: list[str] = field(default_factory=list)


class Histories:
    """Generate the next step of a history; one seed gives one history."""

    def __init__(self, seed: int, rulechanges: bool = True) -> None:
        self._random = random.Random(seed)
        # steps planned to come next, and steps to run before
        self._pending: list[Step] = []
        self._ending: list[Step] = []
        self._plain: list[tuple[int, Callable[[Seen], Step]]] = [
            (14, self._edit),
            (22, self._change),
            (12, self._branch),
            (4, self._unlink),
            (4, self._chmod),
            (3, self._link),
            (2 * rulechanges, self._rule),
            (10, self._commit),
            (6, self._amend),
            (8, self._rename),
            (4, self._remove),
            (5, self._addremove),
            (10, self._update),
            (14, self._merge),
            (9, self._graft),
            (8, self._rebase),
            (4, self._backout),
            (3, self._strip),
            (5, self._shelve),
            (5, self._unshelve),
            (5, self._histedit),
            (7, self._revert),
            (3, self._uncommit),
            (2, self._absorb),
            (2, self._name),
            (6, self._resolve),
            (10, self._look),
            (2, self._patch),
            (2, self._purge),
            (5, self._interactive),
            (5, self._exchange),
            (2, self._queue),
            (3, self._evolve),
        ]
        self._fromclean = (
            self._merge,
            self._graft,
            self._rebase,
            self._backout,
            self._unshelve,
            self._histedit,
        )

    def step(self, seen: Seen) -> Step:
        """Return the next step."""
        if self._ending:
            return self._ending.pop(0)
        if seen.unfinished:
            self._pending.clear()
            if self._chance(0.7):
                return self._finish(seen)
        if self._pending:
            return self._pending.pop(0)
        weights = [weight for weight, _make in self._plain]
        ((_weight, make),) = self._random.choices(self._plain, weights)
        step = make(seen)
        if make in self._fromclean and self._chance(0.6):
            # they refuse to continue with uncommitted changes
            self._pending.append(step)
            return ['hg', 'commit', '--addremove', '-m', 'cleared']
        return step

    def _change(self, seen: Seen) -> Step:
        """Change some files, and commit them."""
        for _number in range(self._random.choice((1, 1, 2, 3))):
            makers = (self._edit,) * 5 + (self._rename, self._remove, self._chmod)
            self._pending.append(self._random.choice(makers)(seen))
        message = 'change %d' % self._random.randrange(99)
        self._pending.append(['hg', 'commit', '--addremove', '-m', message])
        return self._pending.pop(0)

    def _branch(self, seen: Seen) -> Step:
        """Change files on two branches, and bring them together."""
        back = self._random.choice(('.^', '.^', '.~2'))
        self._change(seen)
        clean = ['hg', 'update', '--clean', back]
        self._pending += [clean, self._edit(seen), self._remove(seen)]
        self._pending.append(['hg', 'commit', '--addremove', '-m', 'other way'])
        other = 'last(head() - .)'
        ways = (
            ['hg', 'merge', '-r', other],
            ['hg', 'merge', '-r', other],
            ['hg', 'graft', '-r', other],
            ['hg', 'rebase', '-r', '.', '-d', other],
            ['hg', 'rebase', '-b', '.', '-d', other],
            ['hg', 'update', '-m', other],
        )
        self._pending.append([*self._random.choice(ways), *self._tool()])
        return ['hg', 'commit', '--addremove', '-m', 'before']

    # choices

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _name_of(self, seen: Seen) -> str:
        if seen.files and self._chance(0.75):
            return self._random.choice(seen.files)
        return self._random.choice(CLASHING if self._chance(0.06) else NAMES)

    def _new_name(self) -> str:
        return self._random.choice(CLASHING if self._chance(0.08) else NAMES)

    def _rev(self, seen: Seen) -> str:
        kind = self._random.random()
        if kind < 0.3:
            return self._random.choice(('.', '.^', '.^2', 'tip', 'p2()', '.~2'))
        if kind < 0.5:
            return 'last(head() - .)'
        if seen.count and self._chance(0.7):
            return str(self._random.randrange(max(0, seen.count - 8), seen.count))
        return str(self._random.randrange(max(1, seen.count)))

    def _tool(self) -> list[str]:
        if self._chance(0.35):
            return []
        tools = EXTERNAL if self._chance(0.25) else INTERNAL
        return ['--tool', self._random.choice(tools)]

    def _some(self, *options: str, share: float = 0.2) -> list[str]:
        return [option for option in options if self._chance(share)]

    def _content(self) -> str:
        kind = self._random.random()
        if kind < 0.08:
            return ''
        count = self._random.randrange(1, 9)
        lines = [
            '%d %s' % (number, self._random.choice(('one', 'two', 'three')))
            for number in range(count)
        ]
        end = '\r\n' if kind > 0.92 else '\n'
        text = end.join(lines) + (end if self._chance(0.8) else '')
        if 0.5 < kind < 0.6:
            text = '$Id$' + text  # for the keyword extension
        if kind < 0.2:
            text = '\0' + text
        elif kind < 0.24:
            text = '\1\n' + text
        return text

    # files

    def _edit(self, seen: Seen) -> Step:
        name = self._name_of(seen)
        if name not in seen.files or self._chance(0.3):
            return ['write', name, self._content()]
        kind = self._random.choice(('line', 'line', 'line', 'append', 'swap', 'cut'))
        # often as long as the old content, so that only the content shows the change
        text = '%d %s' % (
            self._random.randrange(9),
            self._random.choice(('one', 'six')),
        )
        return ['edit', name, kind, self._random.randrange(9), text]

    def _unlink(self, seen: Seen) -> Step:
        return ['unlink', self._name_of(seen)]

    def _chmod(self, seen: Seen) -> Step:
        return ['chmod', self._name_of(seen), self._chance(0.7)]

    def _link(self, seen: Seen) -> Step:
        return ['link', self._name_of(seen), self._random.choice(('b.txt', 'x', 'd'))]

    def _rule(self, seen: Seen) -> Step:
        if self._chance(0.15):
            return ['unlink', '.hglfs']
        return ['write', '.hglfs', '[track]\n%s\n' % self._random.choice(RULES)]

    # commands that make changesets

    def _commit(self, seen: Seen) -> Step:
        options = self._some('--addremove', share=0.6)
        options += self._some('--close-branch', '--secret', share=0.03)
        if self._chance(0.15):
            options.append(self._name_of(seen))
        return [
            'hg',
            'commit',
            '-m',
            'commit %d' % self._random.randrange(99),
            *options,
        ]

    def _amend(self, seen: Seen) -> Step:
        options = self._some('--addremove', share=0.5)
        return ['hg', 'commit', '--amend', '-m', 'amended', *options]

    def _rename(self, seen: Seen) -> Step:
        command = self._random.choice(('copy', 'rename'))
        options = self._some('--after', '--force')
        if command == 'copy' and self._chance(0.1):
            options += ['--forget']
        names = self._name_of(seen), self._new_name()
        if '--forget' in options:
            names = names[:1]
        return ['hg', command, *options, *names]

    def _remove(self, seen: Seen) -> Step:
        command = self._random.choice(('remove', 'remove', 'forget'))
        options = self._some('--force') if command == 'remove' else []
        return ['hg', command, *options, self._name_of(seen)]

    def _addremove(self, seen: Seen) -> Step:
        if self._chance(0.3):
            return ['hg', 'add']
        return [
            'hg',
            'addremove',
            '--similarity',
            self._random.choice(('0', '50', '90')),
        ]

    def _update(self, seen: Seen) -> Step:
        options = self._some('--clean', share=0.35) or self._some('--merge', '--check')
        if len(options) > 1:
            options = options[:1]
        return ['hg', 'update', *options, self._rev(seen), *self._tool()]

    def _merge(self, seen: Seen) -> Step:
        return [
            'hg',
            'merge',
            *self._some('--force'),
            '-r',
            self._rev(seen),
            *self._tool(),
        ]

    def _graft(self, seen: Seen) -> Step:
        options = self._some('--force', '--no-commit', '--log', share=0.15)
        if self._chance(0.1):
            options += ['--base', self._rev(seen)]
        revs = [self._rev(seen) for _number in range(self._random.choice((1, 1, 2)))]
        more = [item for rev in revs for item in ('-r', rev)]
        return ['hg', 'graft', *options, *self._tool(), *more]

    def _rebase(self, seen: Seen) -> Step:
        kind = self._random.choice(('-s', '-r', '-b'))
        options = self._some('--keep', '--collapse', '--keepbranches', share=0.15)
        if self._chance(0.3):
            options += ['--config', 'rebase.experimental.inmemory=yes']
        where = ['-d', self._rev(seen), kind, self._rev(seen)]
        return ['hg', 'rebase', *where, *options, *self._tool()]

    def _backout(self, seen: Seen) -> Step:
        options = self._some('--merge', '--no-commit')
        message = ['-m', 'backed out']
        return [
            'hg',
            'backout',
            *message,
            *options,
            '-r',
            self._rev(seen),
            *self._tool(),
        ]

    def _strip(self, seen: Seen) -> Step:
        middle = str(seen.count // 2)
        rev = self._random.choice(('.', 'tip', 'last(head() - .)', middle))
        return ['hg', 'debugstrip', *self._some('--keep', '--force'), rev]

    def _shelve(self, seen: Seen) -> Step:
        options = self._some('--addremove', share=0.5) + self._some('--keep')
        if self._chance(0.2):
            options.append(self._name_of(seen))
        return ['hg', 'shelve', *options]

    def _unshelve(self, seen: Seen) -> Step:
        return ['hg', 'unshelve', *self._some('--keep'), *self._tool()]

    def _histedit(self, seen: Seen) -> Step:
        verbs = ('pick', 'pick', 'pick', 'fold', 'roll', 'drop', 'edit', 'base')
        chosen = [self._random.choice(verbs) for _number in range(4)]
        shuffle = self._random.randrange(24)
        return ['histedit', '.~%d' % self._random.randrange(4), chosen, shuffle]

    def _uncommit(self, seen: Seen) -> Step:
        command = self._random.choice(('uncommit', 'unamend', 'uncommit'))
        options = ['--allow-dirty-working-copy'] if command == 'uncommit' else []
        if command == 'uncommit' and self._chance(0.4):
            options.append(self._name_of(seen))
        return ['hg', command, *options]

    def _absorb(self, seen: Seen) -> Step:
        return ['hg', 'absorb', '--apply-changes']

    def _name(self, seen: Seen) -> Step:
        kind = self._random.choice(('branch', 'bookmark', 'phase', 'tag'))
        if kind == 'branch':
            return [
                'hg',
                'branch',
                '--force',
                self._random.choice(('default', 'stable')),
            ]
        if kind == 'bookmark':
            return ['hg', 'bookmark', '--force', 'mark', '-r', self._rev(seen)]
        if kind == 'tag':
            return ['hg', 'tag', '--force', 'one', '-r', self._rev(seen)]
        phase = self._random.choice(('--draft', '--secret'))
        return ['hg', 'phase', '--force', phase, self._rev(seen)]

    def _patch(self, seen: Seen) -> Step:
        options = self._some('--bypass', '--no-commit', '--exact')
        return ['import', self._rev(seen), *options]

    # commands that change the working directory alone

    def _revert(self, seen: Seen) -> Step:
        options = self._some('--no-backup')
        if self._chance(0.6):
            options += ['-r', self._rev(seen)]
        name = '--all' if self._chance(0.5) else self._name_of(seen)
        return ['hg', 'revert', *options, name]

    def _interactive(self, seen: Seen) -> Step:
        """Choose hunks one by one, and answer the prompts of merges."""
        rev = self._rev(seen)
        command = self._random.choice(
            (
                ['commit', '-m', 'chosen', '-i'],
                ['commit', '--amend', '-m', 'chosen', '-i'],
                ['shelve', '-i'],
                ['revert', '-i', '--all', '-r', rev],
                ['revert', '-i', '--all'],
                ['uncommit', '-i', '--allow-dirty-working-copy'],
                ['split'],
                ['merge', '-r', rev, '--tool', ':prompt'],
                ['update', '-m', rev, '--tool', ':prompt'],
                ['resolve', '--all', '--tool', ':prompt'],
                ['graft', '-r', rev],
            )
        )
        answers = [self._random.choice('yyyncdluf') for _number in range(12)]
        return ['ask', answers, *command]

    def _exchange(self, seen: Seen) -> Step:
        """Move changesets through another repository, or through a bundle."""
        other, bundle, rev = '../other', '../bundle.hg', self._rev(seen)
        return self._random.choice(
            (
                ['hg', 'clone', '.', other],
                ['hg', 'pull', '--force', other],
                ['hg', 'push', '--force', '--new-branch', other],
                ['hg', 'incoming', '--force', '-p', '--git', other],
                ['hg', 'outgoing', '-p', other],
                ['hg', '-R', other, 'update', '--clean', 'tip'],
                ['hg', '-R', other, 'verify'],
                ['hg', 'bundle', '--base', 'null', '-r', rev, bundle],
                ['hg', '-R', bundle, 'log', '-p', '--git', '-r', 'tip'],
                ['hg', '-R', bundle, 'verify'],
                ['hg', 'incoming', '-p', bundle],
                ['hg', 'unbundle', bundle],
                ['hg', 'archive', '-t', 'tar', '-r', rev, '-'],
            )
        )

    def _queue(self, seen: Seen) -> Step:
        """Keep patches, if the run's repositories have a queue."""
        return self._random.choice(
            (
                ['hg', 'qnew', 'patch%d' % self._random.randrange(4)],
                ['hg', 'qrefresh', '--git'],
                ['hg', 'qpop', *self._some('--all', '--force')],
                ['hg', 'qpush', *self._some('--all', '--move')],
                ['hg', 'qimport', '-r', 'tip'],
                ['hg', 'qfinish', '--applied'],
            )
        )

    def _evolve(self, seen: Seen) -> Step:
        """Rewrite history, if the run's repositories allow it."""
        rev = self._rev(seen)
        return self._random.choice(
            (
                ['hg', 'evolve', '--all', '--any', *self._tool()],
                [
                    'hg',
                    'evolve',
                    self._random.choice(('--continue', '--abort', '--stop')),
                ],
                ['hg', 'prune', '-r', rev],
                ['hg', 'fold', '--exact', '-m', 'folded', '-r', rev + '::.'],
                ['hg', 'pick', '-r', rev, *self._tool()],
                ['hg', 'amend', *self._some('--addremove')],
                ['hg', 'amend', '--extract', self._name_of(seen)],
                ['hg', 'touch', '-r', rev],
                ['hg', 'rewind', '--keep'],
                ['hg', 'fix', '-r', rev],
                ['hg', 'fix', '--working-dir'],
                ['hg', 'debugrebuilddirstate'],
            )
        )

    def _purge(self, seen: Seen) -> Step:
        return ['hg', 'purge', *self._some('--all')]

    def _resolve(self, seen: Seen) -> Step:
        kind = self._random.random()
        if kind < 0.2:
            return ['hg', 'resolve', '--mark', '--all']
        if kind < 0.3:
            return ['hg', 'resolve', '--unmark', '--all']
        if kind < 0.4:
            return ['hg', 'resolve', '--mark', self._name_of(seen)]
        which = '--all' if self._chance(0.6) else self._name_of(seen)
        return ['hg', 'resolve', *self._tool(), which]

    def _finish(self, seen: Seen) -> Step:
        """Resolve conflicts, and continue or abort the operation."""
        command = self._random.choice(seen.unfinished)
        if self._chance(0.25):
            return self._resolve(seen)
        if self._chance(0.3):
            return ['hg', command, self._random.choice(UNFINISHED[command])]
        if command == 'merge':
            self._ending.append(['hg', 'commit', '-m', 'merged'])
        else:
            self._ending.append(['hg', command, '--continue'])
        if self._chance(0.3):
            return ['hg', 'resolve', '--mark', '--all']
        settling = (':local', ':other', ':union', ':merge-local', ':merge-other')
        tool = self._random.choice(settling)
        return ['hg', 'resolve', '--all', '--re-merge', '--tool', tool]

    # commands that only read

    def _look(self, seen: Seen) -> Step:
        rev, other, name = self._rev(seen), self._rev(seen), self._name_of(seen)
        return self._random.choice(
            (
                ['hg', 'diff', '--git'],
                ['hg', 'diff', '-r', rev],
                ['hg', 'diff', '--git', '-r', rev, '-r', other],
                ['hg', 'diff', '--git', '-c', rev],
                ['hg', 'log', '-p', '--git', '-r', rev],
                ['hg', 'log', '-f', '-T', '{rev}:{file_copies}\n', name],
                ['hg', 'log', '-vr', rev, '-T', '{rev} {diffstat} {files}\n'],
                ['hg', 'cat', '-r', rev, name],
                ['hg', 'annotate', '-nu', name],
                ['hg', 'annotate', '-r', rev, '--text', name],
                ['hg', 'export', '--git', '-r', rev],
                ['hg', 'status', '--copies', '--rev', rev],
                ['hg', 'status', '--copies', '--change', rev],
                ['hg', 'grep', 'two'],
                ['hg', 'grep', '--all-files', 'one', '-r', rev],
                ['hg', 'grep', '--diff', 'x'],
                ['hg', 'files', 'set:binary()'],
                ['hg', 'files', '-v', '-r', rev, 'set:size(">9") or exec()'],
                ['hg', 'files', 'set:grep(one)'],
                ['hg', 'status', 'set:copied() or modified()'],
                ['hg', 'diff', '--stat', '-r', rev],
                ['hg', 'debugrename', name],
                ['hg', 'summary'],
                ['hg', 'verify'],
            )
        )
