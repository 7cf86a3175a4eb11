"""The repositories of hgweb.config, for gunicorn and for Apache's mod_wsgi."""

import os

CONFIG = '/etc/hgweb/hgweb.config'

# before Mercurial is loaded: no other configuration, and names of files in UTF-8
os.environ['HGRCPATH'] = CONFIG
os.environ['HGENCODING'] = 'UTF-8'

from mercurial.hgweb import hgweb  # noqa: E402

#: For Apache, which says itself who the user is.
application = hgweb(os.fsencode(CONFIG))


def behindproxy(environ, respond):
    """Answers where a web server in front says, in a header, who the user is.

    Nobody but that one may reach us: whoever does may be anybody.
    """
    environ.pop('REMOTE_USER', None)
    user = environ.pop('HTTP_X_REMOTE_USER', '')
    if user:
        environ['REMOTE_USER'] = user
    return application(environ, respond)
