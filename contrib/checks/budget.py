"""Check that files and functions are short enough to be read at once."""

import ast
import statistics
import sys
from pathlib import Path

MAXFILE, MEDIANFILE = 500, 150
MAXFUNCTION, MEDIANFUNCTION = 60, 10


def functions(path: Path):
    """Yield each function of a file, and its length in lines without docstring."""
    for node in ast.walk(ast.parse(path.read_text('utf-8'))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body
            start = node.lineno
            doc = ast.get_docstring(node, clean=False)
            skipped = body[0].end_lineno - body[0].lineno + 1 if doc else 0
            yield node.name, node.end_lineno - start + 1 - skipped


def main(folder: str) -> int:
    files, sizes, complaints = [], [], []
    for path in sorted(Path(folder).rglob('*.py')):
        length = len(path.read_text('utf-8').splitlines())
        files.append(length)
        if length > MAXFILE:
            complaints.append('%s has %d lines' % (path, length))
        for name, size in functions(path):
            sizes.append(size)
            if size > MAXFUNCTION:
                complaints.append('%s: %s has %d lines' % (path, name, size))
    if statistics.median(files) > MEDIANFILE:
        complaints.append('half the files are too long')
    if statistics.median(sizes) > MEDIANFUNCTION:
        complaints.append('half the functions are too long')
    print('\n'.join(complaints) or 'size budget kept: %d files' % len(files))
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
