# for .t tests with users:  $ . "$TESTDIR/users.sh"
# basicauth.py is an extension by which hg serve authenticates them, as a web server in
# front would: any name is valid, with the password "secret".

cat > "$TESTTMP/basicauth.py" <<'END'
import base64
from mercurial import extensions
from mercurial.hgweb import hgweb_mod


def extsetup(ui):
    extensions.wrapfunction(hgweb_mod.hgweb, '__call__', known)


def known(orig, self, environ, respond):
    kind, _space, text = environ.get('HTTP_AUTHORIZATION', '').partition(' ')
    user, _colon, password = base64.b64decode(text).decode().partition(':')
    if kind == 'Basic' and password == 'secret':
        return orig(self, {**environ, 'REMOTE_USER': user}, respond)
    environ['wsgi.input'].read(int(environ.get('CONTENT_LENGTH') or 0))
    challenge = ('WWW-Authenticate', 'Basic realm="test"')
    respond('401 Unauthorized', [challenge, ('Content-Length', '0')])
    return []
END
