"""Fetch Mercurial's own test runner and its helpers, from its sdist on PyPI."""

import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path


def main(version: str, target: str) -> None:
    folder = Path(target)
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(
            [sys.executable, '-m', 'pip', 'download', '-q', '--no-deps']
            + ['--no-binary', ':all:', '-d', scratch, 'mercurial==' + version],
            check=True,
        )
        with tarfile.open(next(Path(scratch).glob('*.tar.gz'))) as archive:
            prefix = 'mercurial-%s/' % version
            members = [
                member
                for member in archive.getmembers()
                if member.name.startswith((prefix + 'tests/', prefix + 'contrib/'))
                and not member.name.endswith('.t')
            ]
            archive.extractall(scratch, members)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.move(str(Path(scratch) / prefix), str(folder))


if __name__ == '__main__':
    main(*sys.argv[1:])
