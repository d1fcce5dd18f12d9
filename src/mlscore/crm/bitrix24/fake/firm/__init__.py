"""The made-up firm whose portal it is."""

from mlscore.crm.bitrix24.fake.firm.making import Firm

__all__ = ["Firm"]
