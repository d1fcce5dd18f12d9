"""A portal that is none: what the connector is tried against, in tests, drills and demos.

Nothing that serves imports it.
"""

from mlscore.crm.bitrix24.fake.admin import Admin
from mlscore.crm.bitrix24.fake.portal import FakePortal, Write
from mlscore.crm.bitrix24.fake.server import Served, serve_portal
from mlscore.crm.bitrix24.fake.traffic import Event, Faults, Handler, Limits

__all__ = ["Admin", "Event", "FakePortal", "Faults", "Handler", "Limits", "Served", "Write", "serve_portal"]
