"""The score fields: what of an answer an item's card may show, and as which kind of user field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

FieldType = Literal["string", "double", "datetime", "url"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreField:
    """One score field: its key in the mapping, and the user field that is proposed for it.

    `goes_along` is shown with a score and is no score of its own: alone it is no reason to write.
    """

    key: str
    name: str
    type: FieldType
    label_ru: str
    label_en: str
    settings: Mapping[str, object] = field(default_factory=dict)
    goes_along: bool = False


SCORE_FIELDS: tuple[ScoreField, ...] = (
    ScoreField(key="fire", name="UF_CRM_SCORE_FIRE", type="string", label_ru="Оценка: Огонь", label_en="Score: Fire"),
    ScoreField(key="route", name="UF_CRM_SCORE_ROUTE", type="string", label_ru="Оценка: путь", label_en="Score: route"),
    ScoreField(
        key="grade", name="UF_CRM_SCORE_GRADE", type="string", label_ru="Оценка: класс", label_en="Score: grade"
    ),
    ScoreField(
        key="verdict", name="UF_CRM_SCORE_RULE", type="string", label_ru="Оценка: правила", label_en="Score: rules"
    ),
    ScoreField(
        key="decision",
        name="UF_CRM_SCORE_DECIDED",
        type="string",
        label_ru="Оценка: решение",
        label_en="Score: decision",
    ),
    ScoreField(
        key="probability",
        name="UF_CRM_SCORE_PROB",
        type="double",
        settings={"PRECISION": 2},
        label_ru="Оценка: вероятность, %",
        label_en="Score: probability, %",
    ),
    ScoreField(
        key="expected_profit",
        name="UF_CRM_SCORE_EV",
        type="double",
        settings={"PRECISION": 2},
        label_ru="Оценка: ожидаемая прибыль",
        label_en="Score: expected profit",
    ),
    ScoreField(
        key="next_question",
        name="UF_CRM_SCORE_ASK",
        type="string",
        label_ru="Оценка: что спросить",
        label_en="Score: what to ask",
    ),
    ScoreField(
        key="reasons",
        name="UF_CRM_SCORE_REASON",
        type="string",
        settings={"ROWS": 4},
        label_ru="Оценка: почему",
        label_en="Score: why",
    ),
    ScoreField(
        key="version",
        name="UF_CRM_SCORE_VERSION",
        type="string",
        label_ru="Оценка: версия",
        label_en="Score: version",
        goes_along=True,
    ),
    ScoreField(
        key="scored_at",
        name="UF_CRM_SCORE_AT",
        type="datetime",
        label_ru="Оценка: когда",
        label_en="Score: when",
        goes_along=True,
    ),
    ScoreField(
        key="receipt",
        name="UF_CRM_SCORE_RECEIPT",
        type="url",
        label_ru="Оценка: чек",
        label_en="Score: receipt",
        goes_along=True,
    ),
)
"""In the order a card shows them."""
