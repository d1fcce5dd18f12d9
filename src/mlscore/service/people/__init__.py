"""People who use the pages: signing in, and who may."""

from mlscore.service.people.managing import PeopleService
from mlscore.service.people.signing_in import Signed, SigningIn

__all__ = ["PeopleService", "Signed", "SigningIn"]
