"""Adapt ``lfs/`` to Mercurial: settings, endpoints, HTTP, errors and output.

Modules of ``lfs/`` do not import Mercurial. The modules here read ``ui`` and ``repo``,
and pass plain values to them.
"""
