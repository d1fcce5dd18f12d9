"""What the Open Inference Protocol asks of a server's metadata; its names are the protocol's own."""

from __future__ import annotations

from typing import Literal

from mlscore.api.schemas.answers import Out

DataType = Literal["BOOL", "FP64", "BYTES"]


class ServerOut(Out):
    """Which server this is."""

    name: str
    version: str
    extensions: list[str]


class ServerLiveOut(Out):
    """Whether the server takes requests."""

    live: bool


class ServerReadyOut(Out):
    """Whether deals can be scored; the protocol's text asks for `live` here too."""

    live: bool
    ready: bool


class ModelReadyOut(Out):
    """Whether a model answers."""

    name: str
    ready: bool


class TensorOut(Out):
    """One thing that goes in or comes out; -1 is as many as there are deals."""

    name: str
    datatype: DataType
    shape: list[int]


class ModelMetadataOut(Out):
    """A model, what it is given and what it answers."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorOut]
    outputs: list[TensorOut]
