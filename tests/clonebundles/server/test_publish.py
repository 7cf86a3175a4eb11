"""Destinations: a published bundle can be fetched from there, or an error is raised."""

from __future__ import annotations

import hashlib
import os
import subprocess

import pytest
from support.bundles import bundle
from support.stores import files as found

from hgext3rd.hglfs.clonebundles.server import publish
from hgext3rd.hglfs.clonebundles.server.publish import Blobs, Commands, Folder
from hgext3rd.hglfs.lfs.errors import BlobMissing, LfsError, RemoteError, StoreFailed
from hgext3rd.hglfs.lfs.store.disk import DiskStore
from hgext3rd.hglfs.lfs.transfer.retry import Retry

CONTENT = b'a bundle, as it were\n' * 1000
BUNDLE = bundle(size=len(CONTENT), digest=hashlib.sha256(CONTENT).hexdigest())
URL = 'http://h/%s' % BUNDLE.basename
RETRY = Retry(count=2)


@pytest.fixture
def path(folder):
    path = os.path.join(folder, b'made')
    with open(path, 'wb') as handle:
        handle.write(CONTENT)
    return path


def run(command, variables):
    return subprocess.call(command, shell=True, env={**os.environb, **variables})


def served(folder):
    """Return a function that fetches the last part of a URL from a folder."""

    def fetch(url):
        name = os.fsencode(url.rpartition('/')[2])
        try:
            with open(os.path.join(folder, name), 'rb') as handle:
                yield handle.read()
        except OSError as exc:
            raise RemoteError(b'HTTP Error 404', transient=True) from exc

    return fetch


@pytest.fixture(params=['folder', 'served folder', 'commands', 'blobs'])
def destination(request, folder):
    there = os.path.join(folder, b'there')
    if request.param == 'folder':
        return Folder('x', there, 'http://h/{basename}')
    if request.param == 'served folder':
        return Folder('x', there, 'http://h/{basename}', None, served(there))
    if request.param == 'blobs':
        return Blobs('x', DiskStore(there), lambda bundle: False)
    os.mkdir(there)
    upload = b'cp "$HGCB_BUNDLE_PATH" "%s/$HGCB_BUNDLE_BASENAME"' % there
    delete = b'rm -f "%s/$HGCB_BASENAME"' % there
    return Commands('x', upload, delete, 'http://h/{basename}', run, served(there))


def test_a_published_bundle_can_be_fetched_until_it_is_removed(destination, path):
    place = publish.publish(destination, path, BUNDLE, RETRY)
    assert place.destination == 'x'
    assert place.url in (URL, '')
    assert b''.join(destination.fetch(BUNDLE, place.url)) == CONTENT
    assert publish.publish(destination, path, BUNDLE, RETRY) == place
    destination.remove(BUNDLE, place.url)
    destination.remove(BUNDLE, place.url)
    with pytest.raises(LfsError):
        publish.check(destination, BUNDLE, place.url)


def test_a_damaged_copy_is_detected_and_published_again(destination, path, folder):
    if isinstance(destination, Blobs):
        pytest.skip('blobs are never written to')
    place = publish.publish(destination, path, BUNDLE, RETRY)
    (there,) = found(os.path.join(folder, b'there'))
    with open(there, 'r+b') as handle:
        handle.write(b'X')
    with open(path, 'rb') as handle:
        assert handle.read() == CONTENT
    with pytest.raises(RemoteError, match='is not the bundle that was made'):
        publish.check(destination, BUNDLE, place.url)
    publish.publish(destination, path, BUNDLE, RETRY)
    publish.check(destination, BUNDLE, place.url)


def test_removal_fails_while_the_disk_is_unmounted(folder, path):
    there, away = os.path.join(folder, b'there'), os.path.join(folder, b'away')
    destination = Folder('x', there, 'http://h/{basename}', None, served(there))
    place = publish.publish(destination, path, BUNDLE, RETRY)
    os.rename(there, away)
    for make in (lambda: None, lambda: os.symlink(b'nowhere', there)):
        make()
        with pytest.raises(StoreFailed, match='cannot remove a clone bundle'):
            destination.remove(BUNDLE, place.url)
    os.unlink(there)
    os.rename(away, there)
    destination.remove(BUNDLE, place.url)
    assert found(there) == []


def test_removal_from_a_missing_folder_succeeds(folder, path):
    there = os.path.join(folder, b'there')
    destination = Folder('x', there, 'http://h/{basename}')
    destination.remove(BUNDLE, URL)
    os.symlink(b'nowhere', there)
    with pytest.raises(StoreFailed, match='cannot remove a clone bundle'):
        destination.remove(BUNDLE, URL)


def test_a_truncated_copy_is_detected(folder, path):
    there = os.path.join(folder, b'there')
    destination = Folder('x', there, 'http://h/{basename}')
    destination.put(path, BUNDLE)
    with open(os.path.join(there, os.fsencode(BUNDLE.basename)), 'r+b') as handle:
        handle.truncate(17)
    with pytest.raises(RemoteError, match='has 17 bytes instead of 21000'):
        publish.check(destination, BUNDLE, URL)


def test_a_transient_failure_is_retried(path, folder):
    counter = os.path.join(folder, b'counter')
    there = os.path.join(folder, b'there')
    os.mkdir(there)
    upload = (
        b'echo x >> "%s"; [ `wc -l < "%s"` = 3 ] && '
        b'cp "$HGCB_BUNDLE_PATH" "%s/$HGCB_BUNDLE_BASENAME"' % (counter, counter, there)
    )
    destination = Commands('x', upload, None, 'http://h/{basename}', run, served(there))
    pauses: list[float] = []
    publish.publish(destination, path, BUNDLE, RETRY, pauses.append)
    assert len(pauses) == 2
    destination.remove(BUNDLE, URL)  # no command is configured for it
    os.unlink(counter)
    with pytest.raises(
        RemoteError, match='the upload command of "x" ended with status'
    ):
        publish.publish(destination, path, BUNDLE, Retry(count=0), pauses.append)


def test_an_upload_that_cannot_be_fetched_fails(path, folder):
    destination = Commands(
        'x', b'true', None, 'http://h/{basename}', run, served(folder)
    )
    with pytest.raises(RemoteError, match='404'):
        publish.publish(destination, path, BUNDLE, Retry(count=1), lambda pause: None)


def test_an_upload_command_gets_the_file_under_its_final_name(path, folder):
    there = os.path.join(folder, b'there')
    os.mkdir(there)
    copying = b'cp "$HGCB_BUNDLE_PATH" "%s/"' % there
    destination = Commands('x', copying, None, URL, run, served(there))
    publish.publish(destination, path, BUNDLE, Retry(count=0))
    assert os.listdir(there) == [os.fsencode(BUNDLE.basename)]
    assert sorted(os.listdir(folder)) == [b'made', b'there']


def test_a_failed_upload_is_removed(path, folder):
    there = os.path.join(folder, b'there')
    os.mkdir(there)
    upload = b'cp "$HGCB_BUNDLE_PATH" "%s/"' % there
    delete = b'rm "%s/$HGCB_BUNDLE_BASENAME"' % there
    destination = Commands('x', upload, delete, URL, run, served(folder))
    with pytest.raises(RemoteError, match='404'):
        publish.publish(destination, path, BUNDLE, Retry(count=1), lambda pause: None)
    assert os.listdir(there) == []


def test_a_folder_that_cannot_be_written_is_reported(path, folder):
    destination = Folder('x', path, 'http://h/{basename}')
    with pytest.raises(StoreFailed, match='cannot write a clone bundle'):
        publish.publish(destination, path, BUNDLE, RETRY)
    assert sorted(os.listdir(folder)) == [b'made']


def test_a_bundle_that_is_also_committed_stays_a_blob(path, folder):
    store = DiskStore(folder)
    for needed in (True, False):
        destination = Blobs('store', store, lambda bundle, needed=needed: needed)
        destination.put(path, BUNDLE)
        destination.remove(BUNDLE, '')
        assert store.has(BUNDLE.digest.encode()) is needed
    with pytest.raises(BlobMissing):
        list(destination.fetch(BUNDLE, ''))


def test_a_damaged_blob_of_the_same_name_is_replaced(path, folder):
    store = DiskStore(folder)
    destination = Blobs('store', store, lambda bundle: False)
    destination.put(path, BUNDLE)
    place = store.path(BUNDLE.digest.encode())
    os.unlink(place)
    with open(place, 'wb') as handle:
        handle.write(b'broken')
    publish.publish(destination, path, BUNDLE, RETRY)
    assert b''.join(destination.fetch(BUNDLE, '')) == CONTENT
