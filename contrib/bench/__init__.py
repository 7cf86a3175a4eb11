"""Benchmarks: hg-lfs beside plain Mercurial, stock lfs, largefiles and git-lfs.

``contrib/bench/bench --help`` lists the commands. Imports only point down::

    cli         the command line
    docs        stored results, written into docs/benchmarks.rst
    files  transfers  server  clones
                the benchmarks, one file each: options, measurements, tables
    plot        results of "files" as an image
    rounds      operations measured in interleaved rounds
    stages      the state before an operation, and the check after it
    operations  the commands of each tool for each operation
    daemons     hg serve, sshd, nginx and gunicorn
    machines    the home folder of a tool; commands, run and measured
    datasets    files of random bytes, and room for them
    results     the format of a result file; medians and tables
    tools       what is compared: configuration, environments, versions

``programs/`` has what runs in other processes, ``results/`` the stored results.

A benchmark has ROUNDS (a default), NOTES (which explain its tables) and functions:
``arguments`` adds its own options to a parser, ``run`` measures and returns the
document of the result file, ``tables`` returns all tables of a document, ``table`` the
one that a comment in docs/benchmarks.rst asks for, ``failures`` a line for each
failure.
"""

from __future__ import annotations


class Failed(Exception):
    """A command or a server failed, or the result is not what it has to be."""
