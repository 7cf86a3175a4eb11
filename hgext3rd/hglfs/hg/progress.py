"""Show the progress of transfers, with the messages of stock ``lfs``."""

from __future__ import annotations

from mercurial import util
from mercurial.i18n import _
from mercurial.utils import stringutil

from ..lfs.blob import DOWNLOAD, UPLOAD, BlobRef
from ..lfs.remote.api import Remote
from . import messages


class QuietMeter:
    """Show a progress bar only; see Meter for the contract."""

    def __init__(self, ui, operation: str) -> None:
        self._ui = ui
        self._upload = operation == UPLOAD
        topic = _(b'lfs uploading') if self._upload else _(b'lfs downloading')
        self._bar = ui.makeprogress(topic, unit=_(b'bytes'), total=0)
        self._arrived = 0
        self._size = 0

    def planned(self, count: int, size: int) -> None:
        self._bar.total += size
        self._bar.update(self._bar.pos)

    def started(self, ref: BlobRef) -> None:
        pass

    def advanced(self, size: int) -> None:
        self._bar.increment(size)

    def failed(self, error: Exception, retries: int) -> None:
        messages.note(
            self._ui,
            _(b'lfs: failed: %r (remaining retry %d)\n')
            % (stringutil.forcebytestr(error), retries),
        )

    def finished(self, ref: BlobRef) -> None:
        pass

    def succeeded(self) -> None:
        pass

    def closed(self) -> None:
        self._bar.complete()


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

    def finished(self, ref: BlobRef) -> None:
        self._arrived += 1
        self._size += ref.size
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
        self._bar = ui.makeprogress(_(b'clone bundle'), unit=_(b'bytes'), total=0)

    def failed(self, error: Exception, retries: int) -> None:
        messages.note(
            self._ui,
            _(b'clone bundle: failed: %s (remaining retry %d)\n')
            % (stringutil.forcebytestr(error), retries),
        )


def meter(ui, operation: str, remote: Remote) -> QuietMeter:
    """Return the meter for transfers with a remote."""
    return (QuietMeter if remote.quiet else TalkingMeter)(ui, operation)
