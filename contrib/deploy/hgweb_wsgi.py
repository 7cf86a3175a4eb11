"""The repositories of hgweb.config, for gunicorn and for Apache's mod_wsgi."""

import os

CONFIG = '/etc/hgweb/hgweb.config'

# before Mercurial is loaded: no other configuration, and names of files in UTF-8
os.environ['HGRCPATH'] = CONFIG
os.environ['HGENCODING'] = 'UTF-8'

from mercurial.hgweb import hgweb  # noqa: E402

#: For Apache, which sets the user itself.
application = hgweb(os.fsencode(CONFIG))


def behindproxy(environ, respond):
    """Answer behind a web server that names the user in a header.

    Only that server may reach this one: the header is trusted.
    """
    environ.pop('REMOTE_USER', None)
    user = environ.pop('HTTP_X_REMOTE_USER', '')
    if user:
        environ['REMOTE_USER'] = user
    return application(environ, respond)
