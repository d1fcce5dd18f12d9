"""What passes between a portal and the world: limits, faults, events."""

from mlscore.crm.bitrix24.fake.traffic.events import Courier, Event, Handler, form_of
from mlscore.crm.bitrix24.fake.traffic.faults import Faults
from mlscore.crm.bitrix24.fake.traffic.limits import Gate, Limits, Refusal

__all__ = ["Courier", "Event", "Faults", "Gate", "Handler", "Limits", "Refusal", "form_of"]
