"""Every error of mlscore, drawn as a tree.

MlscoreError
├── FaultyInputError        what was sent cannot be used
│   ├── AddressError        an address that must not be called
│   ├── FactError           one fact is not of its kind
│   ├── PolicyError         a policy with faults, all of them listed
│   └── MappingError        an import mapping with faults, all of them listed
├── NotFoundError           nothing is kept under that name
├── ConflictError           it contradicts what is already kept
│   ├── KeyReusedError      an idempotency key came back with another body
│   └── StillRunningError   the first request under this key has not ended
├── NotAllowedError         the key is missing, wrong, revoked or too narrow
├── ModelError              a bundle cannot be used
│   ├── BundleDamagedError  its files are not what its manifest says
│   ├── BundleUnfitError    whole, but this version of mlscore cannot serve it
│   └── BundleUntrustedError no trusted trainer has signed it, as it is
├── StoreUnavailableError   the database does not answer
├── UnreachableError        who was called does not answer
├── CrmRefusedError         a CRM will not do what it was asked
└── TrainingError           a retraining cannot go on
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


class MlscoreError(Exception):
    """Anything mlscore refuses, in words that say what to do.

    `code` names the sentence in the message catalogues, `params` fills it.
    """

    code = "error.unexpected"

    def __init__(self, message: str, *, code: str | None = None, **params: object) -> None:
        super().__init__(message)
        self.code = code or self.code
        self.params: Mapping[str, object] = params


class FaultyInputError(MlscoreError):
    """What was sent cannot be used."""

    code = "error.input"


class AddressError(FaultyInputError):
    """An address that must not be called: not on the public internet, or not over TLS; `host` names it."""

    code = "error.address"


class FactError(FaultyInputError):
    """One fact is not of its kind; `fact` names it."""

    code = "error.fact"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a document: the key, the kind of fault, and what would be right."""

    key: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)


class PolicyError(FaultyInputError):
    """A policy cannot be used; `faults` lists everything that is wrong at once."""

    code = "error.policy"

    def __init__(self, faults: Sequence[Fault]) -> None:
        keys = ", ".join(dict.fromkeys(f"{f.key} ({f.code})" for f in faults))
        super().__init__(f"The policy has {len(faults)} fault(s): {keys}.", count=len(faults))
        self.faults = tuple(faults)


class MappingError(FaultyInputError):
    """An import mapping cannot be used; `faults` lists everything that is wrong at once."""

    code = "error.mapping"

    def __init__(self, faults: Sequence[Fault]) -> None:
        keys = ", ".join(dict.fromkeys(f"{f.key} ({f.code.rpartition('.')[2]})" for f in faults))
        super().__init__(f"The mapping has {len(faults)} fault(s): {keys}.", count=len(faults))
        self.faults = tuple(faults)


class NotFoundError(MlscoreError):
    """Nothing is kept under that name."""

    code = "error.not_found"


class ConflictError(MlscoreError):
    """It contradicts what is already kept."""

    code = "error.conflict"


class KeyReusedError(ConflictError):
    """An idempotency key came back with another body."""

    code = "error.key_reused"


class StillRunningError(ConflictError):
    """The first request under this idempotency key has not ended."""

    code = "error.still_running"


class NotAllowedError(MlscoreError):
    """The API key is missing, wrong, revoked or too narrow."""

    code = "error.not_allowed"


class ModelError(MlscoreError):
    """A model bundle cannot be used."""

    code = "error.model"


class BundleDamagedError(ModelError):
    """A bundle's files are not what its manifest says."""

    code = "error.bundle_damaged"


class BundleUnfitError(ModelError):
    """A bundle is whole, but this version of mlscore cannot serve it."""

    code = "error.bundle_unfit"


class BundleUntrustedError(ModelError):
    """A bundle is not signed by a trusted trainer, or was changed after it was."""

    code = "error.bundle_untrusted"


class StoreUnavailableError(MlscoreError):
    """The database does not answer."""

    code = "error.store_unavailable"


class UnreachableError(MlscoreError):
    """Who was called does not answer, or not as asked; `host` names it."""

    code = "error.unreachable"


class CrmRefusedError(MlscoreError):
    """A CRM will not do what it was asked; `reason` is its own code."""

    code = "error.crm_refused"


class TrainingError(MlscoreError):
    """A retraining cannot go on."""

    code = "error.training"
