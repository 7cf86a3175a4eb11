"""The options that all benchmarks share, and types of options."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from .tools import CHECKOUT

SCRATCH = CHECKOUT / '.cache' / 'bench'


def shared(parser: argparse.ArgumentParser, rounds: int) -> None:
    """Add the options of every benchmark."""
    add = parser.add_argument
    text = 'how often all is measured (%d)' % rounds
    add('--rounds', type=int, default=rounds, metavar='N', help=text)
    add('--small', action='store_true', help='a hundredth of the data, to try it')
    add('--json', type=Path, metavar='FILE', help='write the results there, too')
    text = 'where files are written (.cache/bench)'
    add('--scratch', type=Path, default=SCRATCH, metavar='FOLDER', help=text)


def listof(known: list[str]) -> Callable[[str], list[str]]:
    """Return a type of option: known names, separated by commas."""

    def split(text: str) -> list[str]:
        wanted = text.split(',')
        for name in wanted:
            if name not in known:
                raise argparse.ArgumentTypeError('no %s in %s' % (name, known))
        return wanted

    return split
