"""Who is measured, and how each is configured."""

from __future__ import annotations

from dataclasses import dataclass

HGRC = """\
[ui]
username = bench
paginate = never
# of plain Mercurial, which warns of large files
large-file-limit = 0
archivemeta = no
[phases]
# so that what was pushed can be pushed again
publish = no
[progress]
disable = yes
[web]
allow-push = *
push_ssl = no
"""

# what lfs and hg-lfs read alike
LFS = """\
[extensions]
{name} =
[lfs]
track = all()
usercache = {cache}
"""

LARGEFILES = """\
[extensions]
largefiles =
[largefiles]
usercache = {cache}
"""

GITCONFIG = """\
[user]
name = bench
email = bench@localhost
[init]
defaultBranch = main
[advice]
detachedHead = false
[gc]
auto = 0
[maintenance]
auto = false
[core]
attributesFile = {attributes}
[lfs]
locksverify = false
[filter "lfs"]
clean = git-lfs clean -- %f
smudge = git-lfs smudge -- %f
process = git-lfs filter-process
required = true
"""

ATTRIBUTES = '* filter=lfs diff=lfs merge=lfs -text\n'


@dataclass(frozen=True)
class Tool:
    """One of those measured.

    Its kind (hg, git, or limit) says which commands it has, where the table of
    operations has none for its name; env says which environment has its hg; blobs
    is where it keeps contents, in a repository, and served where a server does; over
    is how it gets there: http, ssh, or path.
    """

    name: str
    title: str
    kind: str
    env: str = 'stock'
    hgrc: str = ''
    blobs: str = ''
    over: str = 'http'


STORE = '.hg/store/lfs/objects'
TOOLS = (
    Tool('ours', 'hg-lfs', 'hg', 'ours', LFS.replace('{name}', 'hglfs'), STORE),
    Tool('plain', 'plain hg', 'hg'),
    Tool('stock', 'stock lfs', 'hg', 'stock', LFS.replace('{name}', 'lfs'), STORE),
    Tool('largefiles', 'largefiles', 'hg', 'stock', LARGEFILES, '.hg/largefiles'),
    Tool('git-lfs', 'git-lfs', 'git', blobs='.git/lfs/objects'),
    Tool('limit', 'limit', 'limit'),
)
BYNAME = {tool.name: tool for tool in TOOLS}
NAMES = [tool.name for tool in TOOLS if tool.kind != 'limit']
BASELINE = 'stock'  # whom others are compared with


def server(tool: Tool) -> Tool:
    """Returns who serves: git-lfs has no server of its own, so ours does."""
    return BYNAME['ours'] if tool.kind == 'git' else tool
