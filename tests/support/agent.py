"""A custom transfer agent, which keeps blobs in a folder; run it, don't import it.

agent.py FOLDER [FAULT]: with a fault it misbehaves as in FAULTS, once if the fault
ends in ``-once``. The messages it gets go into ``FOLDER/log``, one per line.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

FOLDER, FAULT = sys.argv[1], (sys.argv[2:] or [''])[0]


def hear():
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    with open(os.path.join(FOLDER, 'log'), 'a') as log:
        log.write('%d %s' % (os.getpid(), line))
    return json.loads(line)


def send(**message):
    emit(json.dumps(message) + '\n')


def emit(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def die(oid):
    sys.exit(3)


def die_silently(oid):
    os.close(1)
    time.sleep(600)


def hang(oid):
    time.sleep(600)


def hang_below(oid):
    # the pipe stays open when the agent is killed
    subprocess.run(['sleep', '5'])


def drip(oid):
    while True:
        emit(' ')
        time.sleep(0.05)


def hand_out(path):
    return lambda oid: send(event='complete', oid=oid, path=path)


def written(content):
    handle, path = tempfile.mkstemp(dir=FOLDER)
    os.write(handle, content)
    os.close(handle)
    return path


def fifo(oid):
    path = os.path.join(FOLDER, 'fifo')
    os.mkfifo(path)
    send(event='complete', oid=oid, path=path)


def other(oid):
    size = os.stat(os.path.join(FOLDER, oid)).st_size
    send(event='complete', oid=oid, path=written(b'x' * size))


def progress(**message):
    return lambda oid: send(event='progress', oid=oid, **message)


FAULTS = {
    'garbage': lambda oid: emit('this is no JSON\n'),
    'deep': lambda oid: emit('[' * 100000 + '\n'),
    'list': lambda oid: emit('[]\n'),
    'huge': lambda oid: emit('{"event": "' + 'x' * (3 << 20) + '"}\n'),
    'endless': lambda oid: [emit('x' * 65536) for _ in range(1 << 10)],
    'oid': lambda oid: send(event='complete', oid='0' * 64, path='/etc/passwd'),
    'event': lambda oid: send(event='dance', oid=oid),
    'sofar': progress(bytesSoFar='many', bytesSinceLast=1),
    'error': lambda oid: send(
        event='complete', oid=oid, error={'code': 2, 'message': 'no\x1b[31m luck'}
    ),
    'wordless': lambda oid: send(event='complete', oid=oid, error={}),
    'errortype': lambda oid: send(event='complete', oid=oid, error='no luck'),
    'die': die,
    'half': lambda oid: (emit('{"event": "comp'), die(oid)),
    'hangup': die_silently,
    'hang': hang,
    'hang-below': hang_below,
    'drip': drip,
    'nopath': lambda oid: send(event='complete', oid=oid),
    'nofile': hand_out('/no/such/file'),
    'nul': hand_out('a\0b'),
    'folder': hand_out(FOLDER),
    'device': hand_out('/dev/zero'),
    'fifo': fifo,
    'short': lambda oid: hand_out(written(b'short'))(oid),
    'other': other,
}


def once():
    try:
        os.close(os.open(os.path.join(FOLDER, 'once'), os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def report(oid, size):
    for sofar in (
        size // 3,
        size // 2,
        size // 3,
        size * 2 if FAULT == 'lie' else size,
    ):
        send(event='progress', oid=oid, bytesSoFar=sofar, bytesSinceLast=1)
        if FAULT == 'lively':
            time.sleep(0.4)


def upload(oid, size, path, **rest):
    if FAULT == 'slow':
        time.sleep(0.05)
    report(oid, size)
    shutil.copy(path, os.path.join(FOLDER, oid))
    send(event='complete', oid=oid)


def download(oid, size, **rest):
    place = os.path.join(FOLDER, oid)
    if not os.path.exists(place):
        send(event='complete', oid=oid, error={'code': 404, 'message': 'not here'})
        return
    if FAULT == 'hang-big' and size > 1000:
        hang(oid)
    report(oid, size)
    handle, path = tempfile.mkstemp(dir=FOLDER)
    os.close(handle)
    shutil.copy(place, path)
    if FAULT == 'relative':
        path = os.path.relpath(path)
    send(event='complete', oid=oid, path=path)


def main():
    if FAULT == 'stubborn':
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if FAULT == 'unborn':
        sys.exit(4)
    if FAULT == 'deaf':
        time.sleep(600)
    hear()
    if FAULT == 'unwilling':
        send(error={'code': 32, 'message': 'not today'})
    else:
        send()
    while True:
        asked = hear()
        event = asked.pop('event')
        if event == 'terminate':
            time.sleep(600 if FAULT == 'stubborn' else 0)
            return
        name = FAULT[: -len('-once')] if FAULT.endswith('-once') else FAULT
        if name in FAULTS and (name == FAULT or once()):
            FAULTS[name](asked['oid'])
        else:
            {'upload': upload, 'download': download}[event](**asked)


if __name__ == '__main__':
    main()
