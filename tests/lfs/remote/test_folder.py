"""A folder with blobs as a remote: damaged blobs are detected."""

from __future__ import annotations

import os

import pytest
from support.blobs import oidof, refto
from support.memory import MemoryStore
from support.stores import overwrite
from support.transfers import RecordingWatch

from hgext3rd.hglfs.lfs.blob import DOWNLOAD
from hgext3rd.hglfs.lfs.errors import BlobMangled
from hgext3rd.hglfs.lfs.remote.folder import FolderRemote
from hgext3rd.hglfs.lfs.store.disk import DiskStore

CONTENT = b'the content of a file'


@pytest.mark.parametrize(
    'damaged', [b'', CONTENT[:-1], CONTENT + b'!', CONTENT.upper()]
)
@pytest.mark.parametrize('links', [False, True])
def test_a_damaged_blob_is_corrupt_whatever_its_size(tmp_path, damaged, links):
    far = DiskStore(os.fsencode(tmp_path / 'far'))
    far.ingest([CONTENT])
    overwrite(far.path(oidof(CONTENT)), damaged)
    near = DiskStore(os.fsencode(tmp_path / 'near')) if links else MemoryStore()
    remote = FolderRemote(b'far', far, links)
    (plan,) = remote.plan(DOWNLOAD, [refto(CONTENT)])
    (transfer,) = plan.transfers
    with pytest.raises(BlobMangled) as caught:
        transfer.run(remote.connect(), near, RecordingWatch())
    assert caught.value.message == b'corrupt remote lfs object: ' + oidof(CONTENT)
    assert not near.has(oidof(CONTENT))
