"""Request a range of an object, or the whole if the server refuses the range.

Format: RFC 9110, section 14: ``Range``, ``Content-Range``, 206 and 416. Servers refuse
ranges with almost any status, or send a different range.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from http import HTTPStatus

from ..errors import HttpFailed, ReplyBroken
from .transport import Response


class Unranged(Exception):
    """The server does not support ranges; ``response`` has the whole object."""

    def __init__(self, response: Response) -> None:
        super().__init__(response)
        self.response = response


def request(
    part: Callable[[], Response],
    whole: Callable[[], Response],
    fits: Callable[[Response], bool],
    last: bool,
    raised: Collection[int] = (),
) -> Response:
    """Request a range; return a 206 with that range, or a 200 with the whole object.

    ``part`` and ``whole`` send the two requests; ``fits`` returns whether a reply has
    the requested range. The whole is requested if the range is refused permanently, or,
    on the ``last`` attempt, for any reason. Before that, a transient HttpFailed of
    ``part`` is raised, so that the bytes received so far are kept. An HttpFailed of
    ``part`` with a status in ``raised`` is always raised, for callers that handle it.
    Errors of ``whole`` pass through.
    """
    try:
        response = part()
    except HttpFailed as exc:
        if exc.status in raised or (exc.transient and not last):
            raise
    else:
        if response.status == HTTPStatus.OK or fits(response):
            return response
        with response:  # close it: its body is of no use
            pass
    response = whole()
    if response.status == HTTPStatus.PARTIAL_CONTENT:
        with response:
            raise ReplyBroken(
                b'LFS server sent a part of an object instead of the whole',
                transient=True,
            )
    return response
