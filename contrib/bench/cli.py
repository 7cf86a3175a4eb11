"""The command line of the benchmarks: one command for each, and two for results."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from types import ModuleType

from . import Failed, clones, docs, files, options, plot, results, server, transfers

BENCHMARKS = {
    'files': files,
    'transfers': transfers,
    'server': server,
    'clones': clones,
}
#: Also the exit status of shells for what a signal has ended.
SIGNALLED = 128


def parse(args: list[str]) -> argparse.Namespace:
    """Parse a command line; ``do`` of the result runs the command."""
    parser = argparse.ArgumentParser(
        prog='contrib/bench/bench',
        description='Measure hg-lfs beside its peers. "bench COMMAND --help" has more.',
    )
    commands = parser.add_subparsers(metavar='COMMAND', required=True)
    for name, benchmark in BENCHMARKS.items():
        command = _command(commands, name, benchmark)
        options.shared(command, benchmark.ROUNDS)
        benchmark.arguments(command)
        command.set_defaults(do=lambda chosen, of=benchmark: _measure(of, chosen))
    command = _command(commands, 'docs', docs)
    command.set_defaults(do=lambda chosen: docs.write(BENCHMARKS))
    command = _command(commands, 'plot', plot)
    command.add_argument('source', type=Path, metavar='RESULTS.json')
    command.add_argument('target', type=Path, metavar='OUTPUT.svg')
    command.add_argument('data', nargs='*', metavar='DATA', help='sets (all)')
    command.set_defaults(do=_plot)
    return parser.parse_args(args)


def _command(commands, name: str, module: ModuleType) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=module.__doc__.partition('\n')[0],
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _measure(benchmark: ModuleType, chosen: argparse.Namespace) -> int:
    os.umask(0o022)
    document = benchmark.run(chosen)
    failures = benchmark.failures(document)
    print()
    for table in benchmark.tables(document):
        print(table.text())
    print('\n'.join([*failures, benchmark.NOTES]))
    if chosen.json:
        results.write(document, chosen.json)
    return 1 if failures else 0


def _plot(chosen: argparse.Namespace) -> int:
    drawing = plot.draw(results.read(chosen.source), chosen.data)
    chosen.target.write_text(drawing, 'utf-8')
    return 0


def main(args: list[str]) -> int:
    """Run a command; return the exit status."""
    chosen = parse(args)
    # so that a run that is ended from outside removes servers and scratch
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, frame: sys.exit(SIGNALLED + number))
    try:
        return chosen.do(chosen)
    except Failed as exc:
        print('bench: %s' % exc, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('bench: interrupted', file=sys.stderr)
        return SIGNALLED + signal.SIGINT
