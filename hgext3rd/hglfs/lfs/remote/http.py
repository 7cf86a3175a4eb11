"""A Git LFS server as a remote: the Batch API.

Format: git-lfs ``docs/api/batch.md``. How the objects themselves move is in
``basic``, ``ranges``, ``tus`` and ``smallblobs``.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..blob import DOWNLOAD, BlobRef
from ..errors import BatchTooLarge, BlobRefused
from ..log import Log
from ..wire import batch
from ..wire.batch import BASIC, SMALLBLOBS, TUS, Answer, BatchReply
from . import basic, replies, smallblobs, tus
from .api import Plan, Transfer
from .connection import HttpConnection
from .transport import Transport

if TYPE_CHECKING:
    from .agent import Agents

#: The adapters that we know, the best first.
ADAPTERS = (SMALLBLOBS, TUS, BASIC)
#: How many objects are asked for in one request of a server that speaks ours.
_OURBATCH = 1000
#: Makes the transfers of what a server answered.
Maker = Callable[[basic.Order, Sequence[Answer], BatchReply], Sequence[Transfer]]


class HttpRemote:
    """Speaks to the Git LFS server whose endpoint is ``base``, a URL.

    ``adapters`` are the names of those that may be used, ``parallel`` how many
    connections, ``headers`` what goes along with every request to the Batch API,
    ``agents`` the user's own programs, from which the server may choose as well.
    """

    quiet = False

    def __init__(
        self,
        base: str,
        transport: Transport,
        log: Log,
        adapters: Sequence[str] = ADAPTERS,
        parallel: int = 1,
        headers: Mapping[str, str] | None = None,
        agents: Agents | None = None,
    ) -> None:
        self.name = base.encode('utf-8')
        self.parallel = parallel
        self._connection = HttpConnection(base, transport, log, headers or {})
        if agents is not None:
            self._connection = replace(self._connection, close=agents.close)
        self._adapters = adapters
        self._agents = agents
        #: how many objects a request may be about, as far as the server lets it
        self._most = _OURBATCH

    def connect(self, log: Log | None = None) -> HttpConnection:
        """Return the main thread's connection; with a log, another for a thread."""
        return self._connection.forked(log)

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[Plan]:
        """Yields what has to be moved, a batch at a time.

        Of a server that takes no request about so many objects fewer are asked for,
        from then on.
        """
        size, done = batch.BATCHSIZE, 0
        makers = self._makers(operation)
        while done < len(refs):
            some = refs[done : done + min(size, self._most)]
            asked = datetime.datetime.now(datetime.timezone.utc)
            try:
                reply = self._connection.ask(operation, some, list(makers))
            except BatchTooLarge as exc:
                exc.path = exc.path or some[0].path
                if len(some) == 1:
                    raise
                self._most = len(some) // 2
                continue
            size = _OURBATCH if reply.transfer == SMALLBLOBS else batch.BATCHSIZE
            done += len(some)
            answers, refused = match(operation, some, reply, self._connection.log)
            if reply.transfer not in makers:  # as where none is named
                reply = replace(reply, transfer=BASIC)
            make = makers.get(reply.transfer, basic.transfers)
            order = basic.Order(operation, reply.transfer, self.parallel, asked)
            yield Plan(len(some), make(order, answers, reply), refused)

    def _makers(self, operation: str) -> dict[str, Maker]:
        """Returns what makes transfers, by the names that the server is offered."""
        ours = {
            SMALLBLOBS: smallblobs.transfers,
            TUS: tus.transfers,
            BASIC: basic.transfers,
        }
        makers: dict[str, Maker] = {}
        if self._agents is not None:
            agents = self._agents
            makers = dict.fromkeys(agents.offered(operation), agents.transfers)
        for name in self._adapters:
            makers.setdefault(name, ours[name])
        return makers


def match(
    operation: str, refs: Sequence[BlobRef], reply: BatchReply, log: Log
) -> tuple[list[Answer], list[tuple[BlobRef, BlobRefused]]]:
    """Returns what is to be moved, and what the server refuses.

    An answer that nobody asked for may be meant for an object that has none.
    """
    asked = {ref.oid: ref for ref in refs}
    wanted: list[Answer] = []
    refused: list[tuple[BlobRef, BlobRefused]] = []
    for answer in reply.answers:
        ref = asked.pop(answer.ref.oid)
        code = _refusal(operation, answer)
        if answer.malformed:
            said = b'malformed answer: %s' % answer.malformed.encode('ascii', 'replace')
            refused.append((ref, BlobRefused(replies.ofobject(ref, said))))
        elif code is not None:
            # with --debug the message has been shown, in the reply
            message = '' if log.debugging else answer.errormessage
            refused.append((ref, replies.refused(ref, code, message)))
        elif operation in answer.actions:
            wanted.append(replace(answer, ref=ref))
    stray = b'LFS server error. Unsolicited response for oid %s' % (reply.stray or b'')
    for ref in asked.values():
        missing = replies.ofobject(ref, b'no answer for oid %s' % ref.oid)
        refused.append((ref, BlobRefused(stray if reply.stray else missing)))
    if reply.stray and not asked:
        log.debug(stray + b'\n')
    return wanted, refused


def _refusal(operation: str, answer: Answer) -> int | None:
    if answer.errorcode is not None:
        return answer.errorcode
    # some servers leave out the action instead of stating the error
    missing = operation == DOWNLOAD and operation not in answer.actions
    return 404 if missing else None
