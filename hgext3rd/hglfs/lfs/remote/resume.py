"""Ask for a part of an object, and for the whole where a server refuses the part.

Format: RFC 9110, section 14: ``Range``, ``Content-Range``, 206 and 416. Servers refuse
a range with almost any status, or send another part than the one requested.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from ..errors import HttpFailed, ReplyBroken
from .transport import Response


class Unranged(Exception):
    """The server does not serve parts; ``response`` is its reply with the whole."""

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
    """Return the reply to a request for a part: 206 with that part, else the whole.

    ``part`` and ``whole`` send the two requests; ``fits`` returns whether a 206 is the
    part that was requested. The whole is requested where the part is refused for good,
    or, on the ``last`` attempt, for any reason. Raise what ``whole`` raises, and a
    transient HttpFailed of ``part`` while there are attempts left: then nothing that
    has been received so far is lost. ``raised`` are statuses of ``part`` that are
    always raised, for a caller that has something better to try than the whole.
    """
    try:
        response = part()
    except HttpFailed as exc:
        if exc.status in raised or (exc.transient and not last):
            raise
    else:
        if response.status == 200 or fits(response):
            return response
        with response:  # close it: its body is of no use
            pass
    response = whole()
    if response.status == 206:
        with response:
            raise ReplyBroken(
                b'LFS server sent a part of an object instead of the whole',
                transient=True,
            )
    return response
