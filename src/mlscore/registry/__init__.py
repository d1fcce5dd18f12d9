"""Loads and checks model bundles on disk, and follows a tracking server."""

from mlscore.registry.bundle import load_bundle, write_bundle
from mlscore.registry.checking import check_bundle
from mlscore.registry.following import FollowReport, follow, follow_once, grant, registered_model_name
from mlscore.registry.golden import golden_deals
from mlscore.registry.serving import LocalChampions
from mlscore.registry.shelf import Pointer, Role, Shelf
from mlscore.registry.signing import Signer, Trust, write_key
from mlscore.registry.trees.booster import BoosterMember, BoosterRatio

__all__ = [
    "BoosterMember",
    "BoosterRatio",
    "FollowReport",
    "LocalChampions",
    "Pointer",
    "Role",
    "Shelf",
    "Signer",
    "Trust",
    "check_bundle",
    "follow",
    "follow_once",
    "golden_deals",
    "grant",
    "load_bundle",
    "registered_model_name",
    "write_bundle",
    "write_key",
]
