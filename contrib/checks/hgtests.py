"""Runs the .t tests of a folder with Mercurial's own runner.

The runner looks for its helpers beside the tests, so ours are staged into a folder
of its own, beside them. What a test printed otherwise comes back as ``NAME.t.err``.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path


def main(harness: str, hg: str, folder: str, *names: str) -> int:
    stage = Path(harness).resolve() / 'tests'
    source = Path(folder)
    for old in [*stage.glob('test-*.t'), *stage.glob('*.t*.err')]:
        old.unlink()
    contrib = Path(__file__).parent.parent
    ours = [path for path in source.glob('*.py') if not _ispytest(path.name)]
    helpers = [*source.glob('*.sh'), *ours, *contrib.glob('soak/*.py')]
    helpers += contrib.glob('openapi.yaml')
    for path in [*source.glob('test-*.t'), *helpers]:
        shutil.copy(path, stage)
    # what the tests of deployments set up, as it is
    shutil.copytree(
        Path(__file__).parent.parent / 'deploy', stage / 'deploy', dirs_exist_ok=True
    )
    tests = names or sorted(path.name for path in source.glob('test-*.t'))
    if not tests:
        return 0
    command = [
        sys.executable,
        'run-tests.py',
        '--time',
        '--with-hg',
        os.path.abspath(hg),
    ]
    # they wait a quarter of their time: three keep two cores busy
    command += ['-j', '3', '--timeout', '900']
    done = subprocess.run([*command, *tests], cwd=stage)
    for path in stage.glob('test-*.err'):
        shutil.copy(path, source)
    return done.returncode


def _ispytest(name: str) -> bool:
    return name.startswith(('test_', 'conftest'))


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
