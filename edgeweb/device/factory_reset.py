"""The factory reset of a running device: nothing of its owner is left, and the next start has a new code.

The state is open while the device serves, and much of it is in memory. So the operation leaves a mark and
ends the process; the files go when the state is closed, or else at the next start (`storage.reset`).
"""

from __future__ import annotations

import os
from signal import SIGTERM

from .access.actor import Actor
from .access.audit import Audit
from .storage import reset
from .storage.store import Store


class FactoryReset:
    """The reset of a `Device`, which has the parts that it removes."""

    audit: Audit
    store: Store
    _reset_begun = False

    @property
    def name(self) -> str:
        """Return the host name."""
        raise NotImplementedError

    def _log(self, line: str) -> None:
        raise NotImplementedError

    def reset(self, actor: Actor) -> None:
        """Remove all that people have entered and all that was measured, and end the process.

        Outputs go to their `at_exit`. A service manager starts the process again, with a new set-up code.
        Raises `ResetFailed` where the disk refuses: then nothing has changed.

            device.reset(actor)
        """
        self.audit.note(actor, "state.reset", self.name, "asked for")
        # Only the journal keeps this row, where `access.audit_journal` has it there.
        self.audit.flush()
        folder = self.store.folder
        if folder:
            try:
                reset.begin(folder)
            except OSError as error:
                self.audit.note(actor, "state.reset", self.name, f"failed: {error.strerror}")
                raise reset.ResetFailed(str(error.strerror)) from error
        if not self._reset_begun:
            # Once: a server takes a second signal for the wish to end without its last answers.
            self._reset_begun = True
            self.end_process()

    def end_process(self) -> None:
        """End this process as systemd does, once its requests are answered. Tests replace it."""
        self._log("the state is being reset: the process ends, and its next start shows a new set-up code")
        os.kill(os.getpid(), SIGTERM)

    def finish_reset(self) -> None:
        """Remove the files of a reset, once they are closed. What the disk refuses goes at the next start."""
        if self._reset_begun and self.store.folder:
            self._reset_begun = False
            try:
                reset.finish(self.store.folder)
            except OSError as error:
                self._log(f"the reset has not ended: {error.strerror}. The next start ends it")
