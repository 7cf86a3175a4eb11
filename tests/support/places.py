"""Action URLs of the test servers."""

from __future__ import annotations

from dataclasses import dataclass

from hgext3rd.hglfs.lfs.wire.batch import Action

_HEADER = {'Accept': 'application/vnd.git-lfs'}


@dataclass(frozen=True)
class Places:
    """Objects below one URL and packs at another; see ``lfs.server.batch``."""

    objects: str
    packed: str

    def object(self, ref, operation: str) -> Action:
        return Action(self.objects + ref.oid.decode('ascii'), _HEADER)

    def smallblobs(self, operation: str) -> Action:
        return Action('%s/%s' % (self.packed, operation), _HEADER)

    def verify(self, ref) -> Action:
        return Action(self.objects + ref.oid.decode('ascii') + '/verify', _HEADER)
