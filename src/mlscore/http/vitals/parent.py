"""Ends a worker whose service has been killed: nobody would start it again, and it would hold the port."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading


def end_with_the_parent() -> None:
    """Have this process end in order once the one that started it is no more; nothing to do where none did."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
