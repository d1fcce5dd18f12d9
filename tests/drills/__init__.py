"""Breaks the real service on purpose, and looks whether what was promised holds: `python -m tests.drills`.

Each drill runs `mlscore serve` as a process of its own on a free loopback port and ends it by its number. Drills take
minutes and are not collected with the tests.
"""

from tests.drills import clients, crashes, fuzzing, loads, outages, portal

DRILLS = (
    crashes.KILL,
    crashes.WRITES,
    outages.POSTGRES,
    outages.TRACKING,
    clients.SWAP,
    outages.DISK,
    clients.SLOWLY,
    clients.ONCE,
    crashes.STOP,
    loads.STEADY,
    loads.RISING,
    loads.LASTING,
    loads.STORM,
    fuzzing.DRILL,
    portal.MOMENT,
    portal.DAY,
)
"""Every drill, in the order in which all are run."""
