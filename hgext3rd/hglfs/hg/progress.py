"""Show the progress of transfers, with the messages of stock ``lfs``."""

from __future__ import annotations

from mercurial import util
from mercurial.i18n import _
from mercurial.utils import stringutil

from ..lfs import words
from ..lfs.blob import DOWNLOAD, UPLOAD, BlobRef
from ..lfs.remote.api import Remote
from . import bars, messages


class QuietMeter:
    """Show a progress bar, and after a failure how much was transferred; see Meter.

    The bar shows the file whose transfer started last. With ``lenient``, nothing is
    shown after a failure: the command continues, and the caller reports the failure.
    """

    def __init__(self, ui, operation: str, lenient: bool = False) -> None:
        self._ui = ui
        self._upload = operation == UPLOAD
        topic = _(b'lfs uploading') if self._upload else _(b'lfs downloading')
        self._bar = bars.ByteBar(ui, topic)
        self._lenient = lenient
        self._item = b''
        self._planned = self._arrived = 0
        self._total = self._size = 0

    def planned(self, count: int, size: int) -> None:
        self._planned += count
        self._total += size
        self._bar.grow(size)

    def started(self, ref: BlobRef) -> None:
        self._item = words.shown(ref.path or ref.oid)

    def advanced(self, size: int) -> None:
        self._bar.advance(size, self._item)

    def failed(self, error: Exception, retries: int) -> None:
        messages.note(
            self._ui,
            _(b'lfs: failed: %r (remaining retry %d)\n')
            % (stringutil.forcebytestr(error), retries),
        )

    def finished(self, ref: BlobRef) -> None:
        self._arrived += 1
        self._size += ref.size

    def succeeded(self) -> None:
        pass

    def abandoned(self, count: int, size: int) -> None:
        count, size = count + self._planned, size + self._total
        if self._lenient or not 0 < self._arrived < count:
            return
        if self._upload:
            message = _(b'lfs: uploaded %d of %d files (%s of %s)')
        else:
            message = _(b'lfs: downloaded %d of %d files (%s of %s)')
        sizes = util.bytecount(self._size), util.bytecount(size)
        message %= self._arrived, count, *sizes
        self._ui.warn(_(b'%s; run the same command again to go on\n') % message)

    def closed(self) -> None:
        self._bar.close()


class TalkingMeter(QuietMeter):
    """Show a progress bar, a summary, and with ``--verbose`` each blob."""

    def planned(self, count: int, size: int) -> None:
        if count > 1:
            messages.note(
                self._ui,
                _(b'lfs: need to transfer %d objects (%s)\n')
                % (count, util.bytecount(size)),
            )
        super().planned(count, size)

    def started(self, ref: BlobRef) -> None:
        if self._upload:
            message = _(b'lfs: uploading %s (%s)\n')
        else:
            message = _(b'lfs: downloading %s (%s)\n')
        messages.note(self._ui, message % (ref.oid, util.bytecount(ref.size)))
        super().started(ref)

    def finished(self, ref: BlobRef) -> None:
        super().finished(ref)
        messages.note(self._ui, _(b'lfs: processed: %s\n') % ref.oid)

    def succeeded(self) -> None:
        if not self._arrived:
            return
        if self._upload:
            message = _(b'lfs: uploaded %d files (%s)\n')
        else:
            message = _(b'lfs: downloaded %d files (%s)\n')
        messages.status(self._ui, message % (self._arrived, util.bytecount(self._size)))


class BundleMeter(QuietMeter):
    """Show the progress of downloading a clone bundle."""

    def __init__(self, ui) -> None:
        super().__init__(ui, DOWNLOAD)
        self._bar = bars.ByteBar(ui, _(b'clone bundle'))

    def failed(self, error: Exception, retries: int) -> None:
        messages.note(
            self._ui,
            _(b'clone bundle: failed: %s (remaining retry %d)\n')
            % (stringutil.forcebytestr(error), retries),
        )


def meter(ui, operation: str, remote: Remote, lenient: bool = False) -> QuietMeter:
    """Return the meter for transfers with a remote; see QuietMeter for ``lenient``."""
    return (QuietMeter if remote.quiet else TalkingMeter)(ui, operation, lenient)
