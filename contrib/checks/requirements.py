"""Print the requirements of an optional extra of the project, one per line."""

import re
import sys
from pathlib import Path


def main(pyproject: str, extra: str) -> None:
    text = Path(pyproject).read_text('utf-8')
    found = re.search(r'^%s = \[\n(.*?)^\]' % re.escape(extra), text, re.M | re.S)
    print('\n'.join(re.findall(r'"(.+)"', found.group(1))))


if __name__ == '__main__':
    main(*sys.argv[1:])
