"""A Git LFS server as a remote, with the Batch API.

Format: git-lfs ``docs/api/batch.md``. The transfers of objects are in ``basic``,
``ranges``, ``tus`` and ``smallblobs``.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from ..blob import DOWNLOAD, BlobRef
from ..errors import BatchTooLarge, BlobRefused
from ..log import Log
from ..wire import batch
from ..wire.batch import BASIC, SMALLBLOBS, TUS, Answer, BatchReply
from . import basic, replies, smallblobs, tus
from .api import Held, Plan, Transfer
from .connection import HttpConnection
from .transport import Transport

if TYPE_CHECKING:
    from .agent import Agents

#: The built-in adapters, best first.
ADAPTERS = (SMALLBLOBS, TUS, BASIC)
#: The number of objects in a batch request to a server with our adapter.
_OURBATCH = 1000
#: Creates the transfers for the answers of a server.
Maker = Callable[[basic.Order, Sequence[Answer], BatchReply], Sequence[Transfer]]


class HttpRemote:
    """The Git LFS server at the endpoint ``base``, a URL; see Remote for the contract.

    ``adapters`` are the names of the allowed adapters, ``parallel`` is the maximum
    number of connections. ``headers`` are sent with each batch request. ``agents`` are
    the custom transfer agents that the server may choose.
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
        #: the maximum number of objects in a batch request; halved when it is too large
        self._most = _OURBATCH

    def connect(self, log: Log | None = None) -> HttpConnection:
        """Return the main thread's connection; with a log, a new one for a worker."""
        return self._connection.forked(log)

    def ask(self, operation: str, refs: Sequence[BlobRef]) -> BatchReply:
        """Return the reply to a single batch request; raise RemoteError."""
        return self._connection.ask(operation, refs, list(self._makers(operation)))

    def plan(self, operation: str, refs: Sequence[BlobRef]) -> Iterator[Plan]:
        """Yield a plan for each batch request."""
        makers = self._makers(operation)
        asked = datetime.datetime.now(datetime.timezone.utc)
        for some, reply in self._batches(operation, refs, list(makers)):
            answers, refused = match(operation, some, reply, self._connection.log)
            if reply.transfer not in makers:  # an unknown adapter counts as basic
                reply = replace(reply, transfer=BASIC)
            make = makers.get(reply.transfer, basic.transfers)
            order = basic.Order(operation, reply.transfer, self.parallel, asked)
            yield Plan(len(some), make(order, answers, reply), refused)
            asked = datetime.datetime.now(datetime.timezone.utc)

    def held(self, refs: Sequence[BlobRef]) -> Iterator[Held]:
        """Yield, for each batch request, the blobs that can be downloaded."""
        adapters = list(self._makers(DOWNLOAD))
        for some, reply in self._batches(DOWNLOAD, refs, adapters):
            # the server's answers: ``match`` puts our own sizes in place of its
            sizes = {answer.ref.oid: answer.ref.size for answer in reply.answers}
            answers, _refused = match(DOWNLOAD, some, reply, self._connection.log)
            found = [one.ref for one in answers if sizes[one.ref.oid] == one.ref.size]
            yield Held(len(some), frozenset(ref.oid for ref in found))

    def _batches(
        self, operation: str, refs: Sequence[BlobRef], adapters: list[str]
    ) -> Iterator[tuple[Sequence[BlobRef], BatchReply]]:
        """Yield the blobs of each batch request, and the reply.

        If a request has too many objects for the server, it is repeated with fewer, and
        later requests have fewer, too.
        """
        size, done = batch.BATCHSIZE, 0
        while done < len(refs):
            some = refs[done : done + min(size, self._most)]
            try:
                reply = self._connection.ask(operation, some, adapters)
            except BatchTooLarge as exc:
                exc.path = exc.path or some[0].path
                if len(some) == 1:
                    raise
                self._most = len(some) // 2
                continue
            size = _OURBATCH if reply.transfer == SMALLBLOBS else batch.BATCHSIZE
            done += len(some)
            yield some, reply

    def _makers(self, operation: str) -> dict[str, Maker]:
        """Return the creators of transfers, by the names of the offered adapters."""
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
    """Match a reply with its request; return answers with actions, and refusals.

    An object without an answer is refused. If the reply has an answer about an oid that
    was not requested, the error for the object names that oid, because the server may
    have sent that answer in place of the missing one.
    """
    asked = {ref.oid: ref for ref in refs}
    wanted: list[Answer] = []
    refused: list[tuple[BlobRef, BlobRefused]] = []
    for answer in reply.answers:
        ref = asked.pop(answer.ref.oid)
        code = _refusal(operation, answer)
        if answer.malformed:
            text = b'malformed answer: %s' % answer.malformed.encode('ascii', 'replace')
            refused.append((ref, BlobRefused(replies.objectmessage(ref, text))))
        elif code is not None:
            # with --debug, the whole reply has been shown
            message = '' if log.debugging else answer.errormessage
            refused.append((ref, replies.refused(ref, code, message)))
        elif operation in answer.actions:
            wanted.append(replace(answer, ref=ref))
    stray = b'LFS server error. Unsolicited response for oid %s' % (reply.stray or b'')
    for ref in asked.values():
        missing = replies.objectmessage(ref, b'no answer for oid %s' % ref.oid)
        refused.append((ref, BlobRefused(stray if reply.stray else missing)))
    if reply.stray and not asked:
        log.debug(stray + b'\n')
    return wanted, refused


def _refusal(operation: str, answer: Answer) -> int | None:
    if answer.errorcode is not None:
        return answer.errorcode
    # some servers leave out the action instead of reporting an error
    missing = operation == DOWNLOAD and operation not in answer.actions
    return HTTPStatus.NOT_FOUND if missing else None
