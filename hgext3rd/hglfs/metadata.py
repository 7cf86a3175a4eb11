"""The version of hg-lfs, and the versions of Mercurial that it is tested with."""

from __future__ import annotations

__version__ = b'0.1.0'
testedwith = b'6.3.3 6.7.4 6.9.5 7.0.3 7.1.2 7.2.4'
minimumhgversion = b'6.3'
