"""Looks back at closed deals for who reads pages: what was said of them, and what came of them."""

from mlscore.service.looking_back.past import LookingBack, Past
from mlscore.service.looking_back.remembering import Remembered

__all__ = ["LookingBack", "Past", "Remembered"]
