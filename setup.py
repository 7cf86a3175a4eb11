"""Gives the package the version that its own metadata states."""

import re
from pathlib import Path

from setuptools import setup

metadata = Path(__file__).with_name('hgext3rd') / 'hglfs' / 'metadata.py'
version = re.search(r"__version__ = b'(.+)'", metadata.read_text('utf-8'))
setup(version=version.group(1))
