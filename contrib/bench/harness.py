"""Measures hg-lfs beside plain Mercurial, stock lfs, largefiles and git-lfs.

Prints wall time, processor time and peak memory of what people do with large files,
with what cp and sha256sum need for the same files as the limit. All of it comes from
one run, whose rounds are interleaved. It runs on this machine alone.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import environments
import estimate
import report
import surroundings
from datasets import MB, Data, datasets
from measure import Failed
from operations import OPERATIONS, Operation
from rounds import Campaign
from tools import NAMES, TOOLS, Tool

SCRATCH = environments.CHECKOUT / '.cache' / 'bench'
# by data, who is measured doing what
Plan = dict[Data, tuple[Sequence[Tool], list[Operation]]]


def options(args: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog='contrib/bench/run', description=__doc__)
    add = parser.add_argument
    sets = [data.name for data in datasets(False)]
    names = [operation.name for operation in OPERATIONS]
    add('--rounds', type=int, default=5, help='how often all is measured (5)')
    add(
        '--others',
        type=int,
        help='the same for all but ours and stock',
    )
    add('--only', type=listof(names), help='operations: ' + ','.join(names))
    add('--data', type=listof(sets), default=sets, help='sets: ' + ','.join(sets))
    add('--who', type=listof(NAMES), help='tools: ' + ','.join(NAMES))
    add('--small', action='store_true', help='a hundredth of the data, to try it')
    add('--json', type=Path, metavar='FILE', help='write the results there, too')
    add('--scratch', type=Path, default=SCRATCH, metavar='FOLDER')
    return parser.parse_args(args)


def listof(known: list[str]):
    def split(text: str) -> list[str]:
        wanted = text.split(',')
        for name in wanted:
            if name not in known:
                raise argparse.ArgumentTypeError('no %s in %s' % (name, known))
        return wanted

    return split


def choose(chosen: argparse.Namespace, data: Data) -> list:
    """Returns the tools for a data set: those that are wanted, or its usual ones."""
    wanted = chosen.who or data.who or NAMES
    return [tool for tool in TOOLS if tool.name in wanted or tool.kind == 'limit']


def run(chosen: argparse.Namespace) -> dict:
    """Measures what is wanted, and returns the document that goes into the JSON."""
    operations = [
        operation
        for operation in OPERATIONS
        if not chosen.only or operation.name in chosen.only
    ]
    plan = {
        data: (choose(chosen, data), operations)
        for data in datasets(chosen.small)
        if data.name in chosen.data
    }
    return carryout(plan, chosen, chosen.others)


def carryout(plan: Plan, chosen: argparse.Namespace, others: int | None = None) -> dict:
    """Has all tools of a plan measured, and returns the document."""
    taking = unique(tool for tools, _operations in plan.values() for tool in tools)
    operations = unique(item for _tools, items in plan.values() for item in items)
    programs = environments.prepare(taking)
    document = {
        'small': chosen.small,
        'rounds': chosen.rounds,
        **surroundings.describe(programs),
        'data': [{'name': data.name, 'title': data.title} for data in plan],
        'tools': [{'name': tool.name, 'title': tool.title} for tool in taking],
        'operations': [
            {'name': item.name, 'title': item.title, 'online': item.online}
            for item in operations
        ],
        'cells': [],
    }
    announce(document, plan, chosen.rounds)
    needed = max(estimate.room(tools, data) for data, (tools, _) in plan.items())
    with scratchfolder(chosen.scratch, needed) as scratch:
        for data, (tools, items) in plan.items():
            campaign = Campaign(data, tools, items, programs, scratch)
            document['cells'] += campaign.measure(chosen.rounds, others)
    return document


def unique(items: Iterable) -> list:
    """Returns each of some tools or operations once, in their order."""
    return list({item.name: item for item in items}.values())


def introduce(document: dict) -> None:
    """Tells what measures what, and on which machine."""
    for name, value in {**document['machine'], **document['versions']}.items():
        print('%-12s %s' % (name, value))
    if document['machine']['load'] > 0.5:
        print('others are at work here: trust ratios and memory, not seconds')


def announce(document: dict, plan: Plan, rounds: int) -> None:
    introduce(document)
    times = [
        estimate.seconds(tools, operations, data, rounds)
        for data, (tools, operations) in plan.items()
    ]
    minutes = sum(times) / 60
    print('this will take about %d minutes\n' % (minutes + 1), flush=True)


@contextlib.contextmanager
def scratchfolder(parent: Path, needed: int) -> Iterator[Path]:
    """Gives a folder that is gone afterwards, where the disk has room for all."""
    parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(parent).free
    if free < needed:
        raise Failed(
            'of the %d MB needed below %s, %d are free; --scratch names another '
            'folder, and --help what takes less' % (needed // MB, parent, free // MB)
        )
    scratch = tempfile.mkdtemp(prefix='run-', dir=parent)
    try:
        yield Path(scratch).resolve()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def conduct(
    job: Callable[[], dict], render: Callable[[dict], str], target: Path | None
) -> int:
    """Does a job of measuring, prints what came out of it, and writes it to a file.

    Returns the exit status.
    """
    # so that a run that is told to end takes servers and scratch along
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, frame: sys.exit(128 + number))
    os.umask(0o022)
    try:
        document = job()
    except Failed as exc:
        print('bench: %s' % exc, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('bench: interrupted', file=sys.stderr)
        return 128 + signal.SIGINT
    print('\n' + render(document))
    if target:
        target.write_text(json.dumps(document, indent=1) + '\n')
    return 1 if any(cell.get('failed') for cell in document['cells']) else 0


def main(args: list[str]) -> int:
    chosen = options(args)
    return conduct(lambda: run(chosen), report.render, chosen.json)
