"""Custom transfer agents: the messages they get, and how their replies are checked."""

from __future__ import annotations

import json
import os
import re
import threading
import time

import pytest
from support.agents import Kit, Meter
from support.blobs import Notes, oidof, readall, refto
from support.memory import MemoryStore
from support.server import BASE, OBJECTS, Server
from support.transfers import RecordingWatch, carry

from hgext3rd.hglfs.lfs.blob import DOWNLOAD, UPLOAD
from hgext3rd.hglfs.lfs.errors import (
    BlobCorrupt,
    BlobMangled,
    BlobMissing,
    BlobRefused,
    LfsError,
    RemoteError,
    Stopped,
)
from hgext3rd.hglfs.lfs.remote import process
from hgext3rd.hglfs.lfs.remote.agent import AgentRemote, Agents
from hgext3rd.hglfs.lfs.remote.http import HttpRemote
from hgext3rd.hglfs.lfs.remote.process import Agent
from hgext3rd.hglfs.lfs.store.disk import DiskStore
from hgext3rd.hglfs.lfs.transfer import queue
from hgext3rd.hglfs.lfs.transfer.retry import Retry

CONTENTS = [b'content %d\n' % number * 9 for number in range(12)]
CONTENT = CONTENTS[0]
REF = refto(CONTENT)


def test_upload_messages_are_those_of_git_lfs(folder):
    kit = Kit(folder)
    kit.keep(CONTENT)
    watch = kit.carry(UPLOAD, CONTENT)
    assert [message for _pid, message in kit.log()] == [
        {
            'event': 'init',
            'operation': 'upload',
            'remote': 'https://example.com/r',
            'concurrent': True,
            'concurrenttransfers': 4,
        },
        {
            'event': 'upload',
            'oid': REF.oid.decode(),
            'size': REF.size,
            'path': os.fsdecode(kit.near.path(REF.oid)),
            'action': None,
        },
        {'event': 'terminate'},
    ]
    assert kit.files() == {REF.oid}
    assert (watch.begun, watch.done, watch.total) == ([REF.oid], [REF.oid], REF.size)


def test_a_downloaded_file_is_stored_and_then_removed(folder):
    kit = Kit(folder)
    kit.has(CONTENT)
    watch = kit.carry(DOWNLOAD, CONTENT)
    assert kit.messages('download') == [
        {
            'event': 'download',
            'oid': REF.oid.decode(),
            'size': REF.size,
            'action': None,
        }
    ]
    assert readall(kit.near, REF.oid) == CONTENT
    assert kit.files() == {REF.oid}
    assert (watch.done, watch.total) == ([REF.oid], REF.size)


@pytest.mark.parametrize('operation', [UPLOAD, DOWNLOAD])
@pytest.mark.parametrize('concurrent', [True, False])
@pytest.mark.parametrize('lines', [1, 4])
def test_concurrent_transfers_start_as_many_agents_as_allowed(
    folder, operation, concurrent, lines
):
    kit = Kit(folder, 'slow', concurrent=concurrent)
    (kit.keep if operation == UPLOAD else kit.has)(*CONTENTS, b'')
    meter = kit.move(operation, *CONTENTS, b'', lines=lines)
    assert sorted(meter.arrived) == sorted(map(oidof, [*CONTENTS, b'']))
    assert meter.moved == sum(map(len, CONTENTS))
    assert sorted(kit.near) == sorted(kit.files()) == sorted(meter.arrived)
    most = lines if concurrent else 1
    assert 1 <= len(kit.pids()) <= most
    if operation == UPLOAD:  # these take their time
        assert len(kit.pids()) == most
    assert len(kit.messages('terminate')) == len(kit.pids())
    assert not kit.pids(alive=True)
    assert kit.messages('init')[0]['concurrent'] is concurrent


def test_a_remote_can_be_used_again(folder):
    kit = Kit(folder)
    kit.has(*CONTENTS)
    kit.move(DOWNLOAD, *CONTENTS[:3])
    kit.move(DOWNLOAD, *CONTENTS[3:])
    assert sorted(kit.near) == sorted(map(oidof, CONTENTS))
    assert not kit.pids(alive=True)


def test_invalid_progress_still_adds_up_to_the_size(folder):
    kit = Kit(folder, 'lie')
    kit.has(CONTENT)
    seen: list[int] = []
    watch = RecordingWatch()
    watch.moved = seen.append
    carry(kit.remote, DOWNLOAD, kit.near, [REF], watch)
    kit.remote.connect().close()
    assert sum(seen) == REF.size
    assert min(seen) >= 0


def test_a_path_may_be_relative_to_the_working_folder(folder):
    kit = Kit(folder, 'relative')
    kit.has(CONTENT)
    kit.carry(DOWNLOAD, CONTENT)
    assert readall(kit.near, REF.oid) == CONTENT
    assert kit.files() == {REF.oid}


NAME = rb'^lfs transfer agent mule'
BROKEN = NAME + b' is broken: it sent '


@pytest.mark.parametrize(
    ('fault', 'said'),
    [
        ('garbage', BROKEN + b'a line that is not JSON$'),
        ('deep', BROKEN + b'a line that is not JSON$'),
        ('list', BROKEN + b'a line that is no JSON object$'),
        ('huge', BROKEN + b'a line of more than 1048576 bytes$'),
        ('endless', BROKEN + b'a line of more than 1048576 bytes$'),
        ('oid', NAME + b' is broken: it answers for another object than ' + REF.oid),
        ('event', BROKEN + b'no message that is known$'),
        ('sofar', BROKEN + b'no message that is known$'),
        (
            'error',
            NAME + rb': error for "some/file.bin": no\\x1b\[31m luck \(code 2\)$',
        ),
        ('wordless', NAME + b': error for "some/file.bin": it does not say why$'),
        ('errortype', BROKEN + b'an error that is no JSON object$'),
        ('die', NAME + rb' has ended \(exit code 3\)$'),
        ('half', NAME + rb' has ended \(exit code 3\)$'),
        ('hangup', NAME + b' has hung up$'),
    ],
)
@pytest.mark.parametrize('operation', [UPLOAD, DOWNLOAD])
def test_the_error_for_a_misbehaving_agent_has_its_name(folder, fault, said, operation):
    kit = Kit(folder, fault)
    (kit.keep if operation == UPLOAD else kit.has)(CONTENT)
    with pytest.raises(RemoteError) as caught:
        kit.carry(operation, CONTENT)
    assert _matches(said, caught.value.message)
    assert isinstance(caught.value, BlobRefused) == (fault in ('error', 'wordless'))
    assert caught.value.transient == (fault in ('die', 'half', 'hangup'))
    assert kit.near.has(REF.oid) == (operation == UPLOAD)


@pytest.mark.parametrize(
    ('fault', 'said'),
    [
        ('nopath', NAME + b' names no file$'),
        ('nofile', NAME + b' names a file that cannot be read: No such file'),
        ('nul', NAME + b' names a file that cannot be read: embedded null byte'),
        ('folder', NAME + b' names a file that cannot be read: Is a directory'),
        ('device', NAME + b' names what is no file$'),
        ('fifo', NAME + b' names what is no file$'),
        ('short', NAME + b' brought 5 instead of 90 bytes of lfs object ' + REF.oid),
        ('other', b'^corrupt remote lfs object: ' + REF.oid),
    ],
)
def test_a_wrong_file_is_neither_stored_nor_removed(folder, fault, said):
    kit = Kit(folder, fault)
    kit.has(CONTENT)
    with pytest.raises(RemoteError) as caught:
        kit.carry(DOWNLOAD, CONTENT)
    assert _matches(said, caught.value.message)
    assert not kit.near.has(REF.oid)
    left = kit.files() - {REF.oid}
    assert len(left) == (fault in ('fifo', 'short', 'other'))
    if fault == 'other':
        assert isinstance(caught.value, BlobMangled)
        assert caught.value.hint == b'lfs transfer agent mule brought it'


def test_a_file_of_the_store_is_not_removed(folder):
    kit = Kit(folder)
    kit.keep(CONTENT)
    crew = kit.agents.crew('mule', DOWNLOAD)
    crew.fetched({'path': os.fsdecode(kit.near.path(REF.oid))}, REF, kit.near)
    assert readall(kit.near, REF.oid) == CONTENT


def test_an_error_for_one_blob_keeps_the_agent_running(folder):
    kit = Kit(folder)
    kit.has(CONTENTS[1])
    with pytest.raises(BlobRefused, match='not here'):
        carry(kit.remote, DOWNLOAD, kit.near, [REF])
    kit.carry(DOWNLOAD, CONTENTS[1])
    assert len(kit.pids()) == 1


@pytest.mark.parametrize('lines', [1, 4])
def test_an_agent_that_died_is_restarted(folder, lines):
    kit = Kit(folder, 'die-once')
    kit.has(*CONTENTS)
    meter = kit.move(DOWNLOAD, *CONTENTS, lines=lines)
    assert sorted(kit.near) == sorted(map(oidof, CONTENTS))
    assert meter.moved == sum(map(len, CONTENTS))
    assert [str(error) for error in meter.failures] == [
        'lfs transfer agent mule has ended (exit code 3)'
    ]
    assert not kit.pids(alive=True)


@pytest.mark.parametrize(
    ('fault', 'said'),
    [
        ('unborn', rb' has ended \(exit code 4\)$'),
        ('unwilling', rb' does not start: not today \(code 32\)$'),
    ],
)
def test_an_agent_that_cannot_start_is_not_retried(folder, fault, said):
    kit = Kit(folder, fault)
    kit.has(*CONTENTS)
    with pytest.raises(RemoteError) as caught:
        kit.move(DOWNLOAD, *CONTENTS)
    assert _matches(NAME + said, caught.value.message)
    assert not caught.value.transient
    assert not kit.pids(alive=True)


@pytest.mark.parametrize(
    ('program', 'why'),
    [
        ('/no/such/program', b'No such file or directory'),
        ('/etc/passwd', b'Permission denied'),
        ('a\0b', b'embedded null byte'),
    ],
)
def test_the_error_for_a_bad_program_names_its_setting(folder, program, why):
    agent = Agent('x', [program])
    remote = AgentRemote(agent, Agents([agent], folder=folder))
    with pytest.raises(RemoteError) as caught:
        carry(remote, DOWNLOAD, DiskStore(folder), [REF])
    assert caught.value.message == b'lfs transfer agent x cannot be started: ' + why
    assert caught.value.hint == b'check "lfs.customtransfer.x.path"'


def test_the_arguments_are_not_read_by_a_shell(folder):
    kit = Kit(folder)
    trap = os.fsdecode(os.path.join(folder, b'trap'))
    agent = Agent('x', [*kit.agent.command, '; touch %s; $(touch %s)' % (trap, trap)])
    kit.has(CONTENT)
    carry(AgentRemote(agent, Agents([agent])), DOWNLOAD, kit.near, [REF])
    assert not os.path.exists(trap)


@pytest.mark.parametrize('damage', [b'something else', CONTENT[:-1] + b'x'])
def test_a_damaged_blob_is_not_given_to_the_agent(folder, damage):
    kit = Kit(folder)
    kit.keep(CONTENT)
    with open(kit.near.path(REF.oid), 'wb') as handle:
        handle.write(damage)
    with pytest.raises(BlobCorrupt):
        kit.carry(UPLOAD, CONTENT)
    with pytest.raises(BlobMissing):
        kit.carry(UPLOAD, CONTENTS[1])
    assert not kit.messages('upload')


@pytest.mark.parametrize('fault', ['hang', 'hang-below', 'drip', 'deaf'])
@pytest.mark.parametrize('operation', [UPLOAD, DOWNLOAD])
def test_a_silent_agent_is_killed(folder, fault, operation):
    kit = Kit(folder, fault, timeout=1.0)
    (kit.keep if operation == UPLOAD else kit.has)(CONTENT)
    began = time.monotonic()
    with pytest.raises(RemoteError, match='has been silent for 1 seconds') as caught:
        kit.carry(operation, CONTENT)
    assert time.monotonic() - began < 4
    assert NAME[1:] in caught.value.message
    assert b'lfs.timeout' in caught.value.hint
    assert caught.value.transient == (fault != 'deaf')
    assert not kit.pids(alive=True)


def test_an_agent_that_does_not_read_is_killed(folder):
    kit = Kit(folder, 'deaf', timeout=0.5)
    kit.agents._remote = 'x' * (1 << 20)  # more than a pipe takes
    with pytest.raises(RemoteError, match='has been silent'):
        kit.carry(DOWNLOAD, CONTENT)


def test_progress_messages_prevent_the_timeout(folder):
    kit = Kit(folder, 'lively', timeout=1.0)
    kit.has(CONTENT)
    began = time.monotonic()
    kit.carry(DOWNLOAD, CONTENT)
    assert time.monotonic() - began > 1.2
    assert readall(kit.near, REF.oid) == CONTENT


def test_a_silent_agent_is_restarted(folder):
    kit = Kit(folder, 'hang-once', timeout=4.0)
    kit.has(*CONTENTS)
    meter = kit.move(DOWNLOAD, *CONTENTS)
    assert sorted(kit.near) == sorted(map(oidof, CONTENTS))
    assert len(meter.failures) == 1


def test_an_agent_that_does_not_exit_is_killed(folder, monkeypatch):
    monkeypatch.setattr('hgext3rd.hglfs.lfs.remote.agent.PATIENCE', 0.2)
    monkeypatch.setattr(process, '_LASTWAIT', 0.2)
    kit = Kit(folder, 'stubborn')
    kit.has(CONTENT)
    began = time.monotonic()
    kit.carry(DOWNLOAD, CONTENT)
    assert time.monotonic() - began < 5
    assert len(kit.messages('terminate')) == 1


@pytest.mark.parametrize('concurrent', [True, False])
def test_a_hanging_agent_is_killed_when_another_transfer_fails(
    folder, concurrent, monkeypatch
):
    monkeypatch.setattr('hgext3rd.hglfs.lfs.transfer.workers._PATIENCE', 0.5)
    kit = Kit(folder, 'hang-big', concurrent=concurrent)
    kit.remote.parallel = 4  # as where the server chooses the agent
    big = b'x' * 2000
    kit.has(*CONTENTS, big)
    meter = Meter()

    def interrupt(ref):
        if meter.arrived:
            _wait(
                lambda: any(item['size'] == 2000 for item in kit.messages('download'))
            )
            raise ValueError('the user is fed up')

    meter.started = interrupt
    refs, policy = list(map(refto, [*CONTENTS, big])), queue.Policy(Retry(0), 4)
    with pytest.raises(ValueError, match='fed up'):
        queue.move(kit.remote, DOWNLOAD, refs, kit.near, meter, policy)
    _wait(lambda: not kit.pids(alive=True))


def test_a_waiting_thread_starts_no_agent_after_a_failure(folder):
    kit = Kit(folder, 'hang', concurrent=False)
    crew = kit.agents.crew('mule', DOWNLOAD)
    errors: list[LfsError] = []

    class Over(RecordingWatch):
        def moved(self, size: int) -> None:
            raise Stopped(b'another transfer failed')

    def fetch(watch: RecordingWatch) -> None:
        try:
            with crew.acquire(watch) as process:
                process.move(DOWNLOAD, REF, None, watch.moved)
        except LfsError as exc:
            errors.append(exc)

    threads = []
    for watch in (RecordingWatch(), Over()):
        threads.append(threading.Thread(target=fetch, args=(watch,)))
        threads[-1].start()
        _wait(lambda: kit.messages('download'))
    kit.agents.close()
    for thread in threads:
        thread.join(10)
    assert sorted(type(error).__name__ for error in errors) == [
        'ReplyBroken',
        'Stopped',
    ]
    assert len(kit.pids()) == 1
    assert not kit.pids(alive=True)


def toward(server: Server, kit: Kit, *others: Agent) -> HttpRemote:
    agents = Agents([kit.agent, *others], BASE.encode(), 4)
    return HttpRemote(BASE, server, Notes(), parallel=4, agents=agents)


def choosing(name: str, verify: bool = False):
    """Return a function that makes a server's reply choose an agent."""

    def alter(reply: dict) -> dict:
        reply['transfer'] = name
        for item in reply['objects']:
            for action in (item.get('actions') or {}).values():
                action.update(href='mule://there', header={'Key': 'secret'})
            if verify and item.get('actions'):
                item['actions']['verify'] = {'href': OBJECTS + item['oid'] + '/verify'}
        return reply

    return alter


def offers(server: Server) -> list[str]:
    return json.loads(server.requests[0].body)['transfers']


def test_agents_are_offered_before_built_in_adapters(folder):
    server, kit = Server(MemoryStore(CONTENT)), Kit(folder)
    down = Agent('down', ['x'], operations=(DOWNLOAD,))
    list(toward(server, kit, down).plan(UPLOAD, [REF]))
    assert offers(server) == ['mule', 'hglfs-packs', 'tus', 'basic']
    server.requests.clear()
    list(toward(server, kit, down).plan(DOWNLOAD, [REF]))
    assert offers(server) == ['mule', 'down', 'hglfs-packs', 'tus', 'basic']


def test_the_server_can_choose_an_agent(folder):
    server, kit = Server(MemoryStore(*CONTENTS), choosing('mule')), Kit(folder)
    kit.has(*CONTENTS)
    remote, meter = toward(server, kit), Meter()
    refs, policy = list(map(refto, CONTENTS)), queue.Policy(connections=4)
    queue.move(remote, DOWNLOAD, refs, kit.near, meter, policy)
    assert sorted(kit.near) == sorted(map(oidof, CONTENTS))
    assert meter.moved == sum(map(len, CONTENTS))
    assert server.asked('GET') == 0
    for message in kit.messages('download'):
        assert message['action'] == {
            'href': 'mule://there',
            'header': {'Key': 'secret'},
        }
    assert kit.messages('init')[0]['remote'] == BASE
    assert not kit.pids(alive=True)


def test_an_upload_by_an_agent_is_verified_at_the_server(folder):
    server, kit = Server(alter=choosing('mule', verify=True)), Kit(folder)
    kit.keep(CONTENT)
    verified: list[bytes] = []
    server._post = lambda oid, request: verified.append(oid) or server._reply(b'')
    remote = toward(server, kit)
    carry(remote, UPLOAD, kit.near, [REF])
    remote.connect().close()
    assert kit.files() == {REF.oid}
    assert verified == [REF.oid]
    assert server.asked('PUT') == 0
    assert not kit.pids(alive=True)


def test_an_adapter_that_was_not_offered_is_treated_as_basic(folder):
    server, kit = Server(MemoryStore(CONTENT), choosing('other')), Kit(folder)
    server.alter = lambda reply: {**reply, 'transfer': 'other'}
    carry(toward(server, kit), DOWNLOAD, kit.near, [REF])
    assert readall(kit.near, REF.oid) == CONTENT
    assert not kit.log()


def test_an_agent_that_is_not_chosen_is_not_started(folder):
    server, kit = Server(MemoryStore(CONTENT)), Kit(folder)
    carry(toward(server, kit), DOWNLOAD, kit.near, [REF])
    assert not kit.log()


def test_an_expired_action_is_renewed(folder):
    alter = choosing('mule')

    def old(reply: dict) -> dict:
        alter(reply)
        if len(server.requests) == 1:
            reply['objects'][0]['actions']['download']['expires_in'] = 1
        return reply

    server, kit = Server(MemoryStore(CONTENT), old), Kit(folder)
    kit.has(CONTENT)
    remote = toward(server, kit)
    (plan,) = remote.plan(DOWNLOAD, [REF])
    (transfer,) = plan.transfers
    transfer._asked = transfer._asked.replace(year=2020)
    transfer.run(remote.connect(), kit.near, RecordingWatch())
    remote.connect().close()
    assert [json.loads(item.body)['transfers'] for item in server.requests[1:]] == [
        ['mule']
    ]
    assert readall(kit.near, REF.oid) == CONTENT


def _wait(until) -> None:
    end = time.monotonic() + 10
    while not until():
        assert time.monotonic() < end
        time.sleep(0.02)


def _matches(pattern: bytes, text: bytes) -> bool:
    return re.search(pattern, text) is not None
