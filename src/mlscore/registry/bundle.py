"""A model on disk as text and JSON: written whole, and read only when every file is what its manifest says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from mlscore.registry.durable import write_folder
from mlscore.registry.golden import disagreement, golden_rows
from mlscore.registry.manifest import MANIFEST, read_sealed, sealed
from mlscore.registry.parts import CALIBRATIONS, FARS, MEMBERS, PROFITS, PartReader, PartWriter, Written, array, numbers
from mlscore.registry.signing import ANYBODY, SIGNATURE, Signer, Trust
from mlscore.registry.trees.booster import plant
from mlscore.scoring.errors import BundleUnfitError, ModelError
from mlscore.scoring.features import Feature, features_of
from mlscore.scoring.model import FittedModel
from mlscore.scoring.policy import Policy, fingerprint
from mlscore.scoring.receipt import Label

MODEL, POLICY, GOLDEN, FACTS, CARD = "model.json", "policy.json", "golden.json", "facts.json", "card.md"
CARD_PAGE = "card.html"
"""The same card for a browser, with its plots; a bundle may lack it."""

_POLICY = TypeAdapter(Policy)
_RETRAIN = "Retrain it, or run the version of mlscore it was trained with."


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Feature(_Document):
    name: str
    levels: tuple[str, ...] | None


class _Member(_Document):
    weight: float
    part: Written


class _Spread(_Document):
    at: list[float]
    below: list[float]
    above: list[float]


class _Model(_Document):
    features: tuple[_Feature, ...]
    vocabularies: dict[str, tuple[str, ...]]
    members: Annotated[tuple[_Member, ...], Field(min_length=1)]
    calibration: Written
    spread: _Spread
    profit: Written
    rates: Written
    far: Written
    label: Label
    simulated: bool
    why_unapproved: str | None
    # Bundles written before these have neither.
    usual: dict[str, Annotated[float, Field(ge=0.0, le=1.0)]] = Field(default_factory=dict)
    capacity_line: float | None = None


def write_bundle(
    folder: Path,
    model: FittedModel,
    *,
    card: str,
    card_page: str | None = None,
    facts: Mapping[str, object],
    signer: Signer | None = None,
) -> None:
    """Write a model to a new folder, all of it or nothing.

    `card` is in Markdown, `card_page` the same in HTML. `facts` are what its training tells of it (gates, metrics,
    provenance); `created_at` is one of them. With a `signer` the bundle is signed. Raises
    ModelError where the model cannot be written without loss, ConflictError where the folder is taken.
    """
    if "created_at" not in facts:
        raise ModelError("The facts of a bundle must say when it was made: give created_at.")
    writer = PartWriter()
    files = {
        MODEL: _written(model, writer),
        POLICY: _written_policy(model.policy),
        GOLDEN: golden_rows(model),
        FACTS: _json(facts),
        CARD: card.encode(),
        **({} if card_page is None else {CARD_PAGE: card_page.encode()}),
    } | writer.files
    made = json.loads(files[FACTS])["created_at"]
    manifest = sealed(files, created_at=str(made))
    signature = {} if signer is None else {SIGNATURE: signer.sign(manifest)}
    write_folder(folder, files | {MANIFEST: manifest} | signature)


def load_bundle(folder: Path, *, version: str) -> FittedModel:
    """Read a model, to be known as `version`.

    A damaged booster can end the process although its manifest agrees: `check_bundle` first where the bundle was
    made elsewhere. Raises BundleDamagedError and BundleUnfitError.
    """
    return _read(read_sealed(folder), version)


def load_and_try(folder: Path, *, version: str, trust: Trust = ANYBODY) -> FittedModel:
    """Read a model and see that it answers its golden rows as it did when written; raises as `load_bundle` does.

    Raises BundleUntrustedError where `trust` is not met.
    """
    files = read_sealed(folder, trust=trust)
    model = _read(files, version)
    if GOLDEN not in files:
        raise BundleUnfitError(f"Model {version} has no {GOLDEN} to be tried on. Publish it again.")
    if (difference := disagreement(model, files[GOLDEN])) is not None:
        raise BundleUnfitError(
            f"Model {version} does not answer as it did when it was written: {difference}. {_RETRAIN}"
        )
    return model


def read_facts(folder: Path) -> Mapping[str, object]:
    """Return what the training told of a model; raises BundleDamagedError."""
    facts: Mapping[str, object] = json.loads(read_sealed(folder, only={FACTS})[FACTS])
    return facts


def read_card(folder: Path) -> str:
    """Return a model's card in Markdown; raises BundleDamagedError."""
    return read_sealed(folder, only={CARD})[CARD].decode()


def _written(model: FittedModel, writer: PartWriter) -> bytes:
    return _json(
        {
            "features": [{"name": f.name, "levels": f.levels} for f in model.features],
            "vocabularies": dict(model.vocabularies),
            "members": [{"weight": float(w), "part": writer.write(m, MEMBERS)} for w, m in model.members],
            "calibration": writer.write(model.calibration, CALIBRATIONS),
            "spread": {
                "at": numbers(model.spread_at),
                "below": numbers(model.spread_below),
                "above": numbers(model.spread_above),
            },
            "profit": writer.write(model.profit, PROFITS),
            "rates": writer.write(model.rates, MEMBERS),
            "far": writer.write(model.far, FARS),
            "label": model.label,
            "simulated": model.simulated,
            "why_unapproved": model.why_unapproved,
            "usual": dict(model.usual),
            "capacity_line": model.capacity_line,
        }
    )


def _written_policy(policy: Policy) -> bytes:
    written = _POLICY.dump_json(policy, indent=1)
    if fingerprint(_POLICY.validate_json(written)) != fingerprint(policy):
        raise ModelError(
            f"The policy {policy.name!r} would come back changed: a value is not of its declared type, such as "
            "a whole number where a fraction is meant. Read it from its document with read_policy_text."
        )
    return written


def _read(files: Mapping[str, bytes], version: str) -> FittedModel:
    try:
        written = _Model.model_validate_json(files[MODEL])
        policy = _POLICY.validate_json(files[POLICY], extra="forbid")
    except KeyError as error:
        raise BundleUnfitError(f"Model {version} has no {error.args[0]}. Publish it again.") from None
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise BundleUnfitError(f"Model {version} cannot be read at {place} ({fault['msg']}). {_RETRAIN}") from None
    features = _features(written, policy, version)
    reader = PartReader(files, features=len(features))
    model = FittedModel(
        version=version,
        policy=policy,
        vocabularies=written.vocabularies,
        features=features,
        members=tuple((m.weight, reader.read(m.part, MEMBERS)) for m in written.members),
        calibration=reader.read(written.calibration, CALIBRATIONS),
        spread_at=array(written.spread.at),
        spread_below=array(written.spread.below),
        spread_above=array(written.spread.above),
        profit=reader.read(written.profit, PROFITS),
        rates=reader.read(written.rates, {"rates": MEMBERS["rates"]}),
        far=reader.read(written.far, FARS),
        label=written.label,
        simulated=written.simulated,
        why_unapproved=written.why_unapproved,
        usual=written.usual,
        capacity_line=written.capacity_line,
    )
    plant(reader.boosters, features=len(features))
    return model


def _features(written: _Model, policy: Policy, version: str) -> tuple[Feature, ...]:
    """Return the features in the model's own order; ones this code has beside them are left out."""
    known = {f.name: f for f in features_of(policy, written.vocabularies)}
    strange = [f.name for f in written.features if f.name not in known or known[f.name].levels != f.levels]
    if strange:
        raise BundleUnfitError(
            f"Model {version} needs features {strange}, which this version of mlscore cannot build. {_RETRAIN}"
        )
    return tuple(known[f.name] for f in written.features)


def _json(value: object) -> bytes:
    return to_json(value, indent=1, inf_nan_mode="null", fallback=_plain) + b"\n"


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"A bundle holds no {type(value).__name__}.")
