"""Run the .t tests of a folder with Mercurial's own runner.

The runner looks for its helpers beside the tests, so ours are staged into a folder
of its own, beside them. Different output of a test is copied back as ``NAME.t.err``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

_CONTRIB = Path(__file__).resolve().parent.parent
#: The line of a test that kills processes or depends on how ``hg`` is started.
_NOCHG = '#require no-chg'


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('harness', type=Path, help="Mercurial's tests and contrib")
    parser.add_argument('hg')
    parser.add_argument('folder', type=Path)
    parser.add_argument('names', nargs='*', help='tests to run (all of the folder)')
    parser.add_argument('--chg', type=Path, help='run tests faster, by this client')
    chosen = parser.parse_args()
    stage = chosen.harness.resolve() / 'tests'
    _stage(chosen.folder, stage)
    names = chosen.names or sorted(path.name for path in stage.glob('test-*.t'))
    plain = [name for name in names if not chosen.chg or _NOCHG in _text(stage, name)]
    by_chg = [name for name in names if name not in plain]
    runner = [sys.executable, 'run-tests.py', '--time']
    runner += ['--with-hg', os.path.abspath(chosen.hg)]
    # they wait a quarter of their time: three keep two cores busy
    runner += ['-j', '3', '--timeout', '900']
    failed = 0
    if plain:
        failed |= subprocess.run([*runner, *plain], cwd=stage).returncode
    if by_chg:
        runner += ['--with-chg', chosen.chg.resolve()]
        failed |= subprocess.run([*runner, *by_chg], cwd=stage).returncode
    for path in stage.glob('test-*.err'):
        shutil.copy(path, chosen.folder)
    return failed


def _stage(source: Path, stage: Path) -> None:
    for old in [*stage.glob('test-*.t'), *stage.glob('*.t*.err')]:
        old.unlink()
    helpers = [path for path in source.glob('*.py') if not _ispytest(path.name)]
    helpers += [*source.glob('*.sh'), *_CONTRIB.glob('soak/*.py')]
    helpers += _CONTRIB.glob('openapi.yaml')
    for path in [*source.glob('test-*.t'), *helpers]:
        shutil.copy(path, stage)
    # the tests of deployments use these examples
    shutil.copytree(_CONTRIB / 'deploy', stage / 'deploy', dirs_exist_ok=True)


def _text(stage: Path, name: str) -> str:
    return (stage / name).read_text('utf-8')


def _ispytest(name: str) -> bool:
    return name.startswith(('test_', 'conftest'))


if __name__ == '__main__':
    sys.exit(main())
