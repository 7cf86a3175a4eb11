"""hgweb's replies: a large text is sent as a stream."""

from __future__ import annotations

from mercurial import exthelper
from mercurial.hgweb import request
from mercurial.utils import stringutil

from ..bridge import largetext

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
