"""The factory reset of a running device: nothing of its owner is left, and the next start has a new code.

The state is open while the device serves, and much of it is in memory. So the operation leaves a mark and
ends the process; the files go when the state is closed, or else at the next start (`storage.reset`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from signal import SIGTERM

from .access.actor import Actor
from .access.audit import Audit
from .config.profile import Profile
from .storage import reset
from .storage.store import Store
from .system.clock import WallClock
from .system.executor import Executor, Inline


class FactoryReset:
    """The reset of a `Device`, which has the parts that it removes."""

    audit: Audit
    clock: WallClock
    executor: Executor | Inline
    profile: Profile
    store: Store
    #: Waits for that many seconds while an input is held; tests move their clock.
    pause: Callable[[float], object] = staticmethod(time.sleep)
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

    def reset_if_held(self, report: Callable[[str], object]) -> None:
        """Remove everything where the profile's `access.reset_input` is active now and stays so for 10 s.

        Only for who owns the folder, before the state is open. `report` gets what the start waits for, the
        log what came of it. An input that has never been inactive at a start is wired or described wrongly,
        and resets nothing.
        """
        name, folder = self.profile["access.reset_input"], self.store.folder
        if not name or not folder:
            return
        from .channels.held import SECONDS, watch  # for profiles that name one

        is_armed = reset.is_armed(folder, name)

        def begins() -> None:
            if is_armed:
                report(f'"{name}" is held: in {SECONDS:g} s this device is reset to factory settings')

        options, seconds = self.profile["channels"][name], SECONDS if is_armed else 0.0
        found = watch(name, options, self.executor, self.clock.monotonic, self.pause, seconds, begins)
        outcome = ""
        try:
            if found.fault:
                outcome = f"cannot be read, so it resets nothing: {found.fault}"
            elif not found.held:
                reset.arm(folder, name)
                if found.began:
                    outcome = f"was let go before {SECONDS:g} s had passed: nothing was reset"
            elif is_armed:
                reset.begin(folder)
                reset.finish(folder)
                outcome = f"was held for {SECONDS:g} s: this device was reset to factory settings"
            else:
                outcome = (
                    "is active, and resets nothing, because it has never been inactive at a start: check its"
                    " wiring, or set inverted"
                )
        except OSError as error:
            outcome = f"resets nothing: the folder of the state cannot be written ({error.strerror})"
        if outcome:
            self._log(f'"{name}" (access.reset_input) {outcome}')
