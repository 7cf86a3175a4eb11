"""Wraps of hgweb's requests and replies: non-ASCII queries, streamed large texts.

Mercurial fails for queries that are not ASCII, such as those of git-lfs for locks. It
reads the body of a reply into memory; a LargeText is sent in chunks instead.
"""

from __future__ import annotations

from mercurial import exthelper, util
from mercurial.hgweb import request
from mercurial.utils import stringutil

from ...hg import largetext

eh = exthelper.exthelper()


@eh.wrapfunction(stringutil, 'binary')
def binary(orig, text):
    return text.isbinary() if isinstance(text, largetext.LargeText) else orig(text)


@eh.wrapfunction(request.wsgiresponse, 'setbodybytes')
def setbodybytes(orig, self, body):
    if not isinstance(body, largetext.LargeText):
        return orig(self, body)
    self.headers[b'Content-Length'] = b'%d' % body.size
    return self.setbodygen(body.chunks())


@eh.wrapfunction(util.urlreq, 'parseqsl')
def parseqsl(orig, query, *args, **kwargs):
    try:
        return orig(query, *args, **kwargs)
    except UnicodeEncodeError:
        # core parses ASCII only, and git-lfs sends paths of locks in the query
        text = query.decode('latin-1')
        pairs = orig(text, *args, encoding='latin-1', **kwargs)
        return [tuple(item.encode('latin-1') for item in pair) for pair in pairs]
