# for .t tests:  $ . "$TESTDIR/breaking.sh"
# a proxy on $HGPORT1, before $HGPORT, that closes the connection after so many bytes, and
# accepts no other until it is restarted: proxy up|down BYTES

cat > proxy.py <<EOF
import os, socket, sys, threading, time
port, target, way, left = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
def relay(source, sink, counted):
    global left
    while True:
        try:
            data = source.recv(1 << 16)
            if counted:
                data = data[:left]
            sink.sendall(data)
        except OSError:
            data = b''
        if counted:
            left -= len(data)
            if not left:
                listener.close()
        if not data or not left:
            break
    for one in (source, sink):
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
    if not left:
        os._exit(0)
while True:
    try:
        listener = socket.create_server(('127.0.0.1', port))
        break
    except OSError:  # the one before is still running
        time.sleep(0.1)
open('proxy.pid', 'w').write('%d\n' % os.getpid())
while True:
    near, _ = listener.accept()
    far = socket.create_connection(('127.0.0.1', target))
    for pair in ((near, far, way == 'up'), (far, near, way == 'down')):
        threading.Thread(target=relay, args=pair, daemon=True).start()
EOF
proxy() { # up|down BYTES
    rm -f "$TESTTMP/proxy.pid"
    (cd "$TESTTMP"; exec "$PYTHON" proxy.py $HGPORT1 $HGPORT "$@") > "$TESTTMP/proxy.log" 2>&1 &
    until test -s "$TESTTMP/proxy.pid"; do sleep 0.1; done
    cat "$TESTTMP/proxy.pid" >> "$DAEMON_PIDS"
}
