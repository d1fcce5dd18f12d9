"""The cases every implementation must meet, as a manager would tell them (cases.yaml)."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlscore.scoring.decision import decide
from mlscore.scoring.errors import PolicyError
from mlscore.scoring.receipt import Decision, RuleAnswer
from tests.builders import a_deal_in_roubles, a_policy, roubles, rules_on

CASES: list[Mapping[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8"))
ANSWERED = [case for case in CASES if "expected" in case]
REFUSED = [case for case in CASES if "refused" in case]

_SAID: Mapping[str, Callable[[RuleAnswer, Decision], object]] = {
    "client": lambda rule, _: rule.checklist[1].answer,
    "request": lambda rule, _: rule.checklist[2].answer,
    "above_limit": lambda rule, _: rule.checklist[0].answer,
    "fire": lambda rule, _: rule.fire,
    "route": lambda rule, _: rule.route,
    "verdict": lambda rule, _: rule.verdict,
    "need": lambda rule, _: rule.signs.need,
    "budget": lambda rule, _: rule.signs.budget,
    "urgency": lambda rule, _: rule.signs.urgency,
    "grade": lambda rule, _: rule.grade,
    "ladder": lambda rule, _: rule.grade_by_ladder,
    "count": lambda rule, _: rule.grade_by_count,
    "ceiling": lambda rule, _: rule.grade_ceiling,
    "flags": lambda rule, _: [f for f in rule.flags if f != "worked_capacity_assumed"],
    "missing": lambda rule, _: list(rule.missing),
    "passes": lambda rule, _: rule.economics.passes,
    "basis": lambda rule, _: rule.economics.basis,
    "floor": lambda rule, _: rule.economics.floor,
    "profit": lambda rule, _: rule.economics.profit_if_won,
    "exception": lambda rule, _: rule.economics.exception and rule.economics.exception.kind,
    "action": lambda _, decision: decision.action,
    "decided_by": lambda _, decision: decision.decided_by,
}
_MONEY = {"floor", "profit"}


def _meant(name: str, expected: object) -> object:
    return None if expected == "unknown" else roubles(expected) if name in _MONEY else expected


def _named(case: Mapping[str, Any]) -> str:
    return f"{case['case']}: {case['title']}"


@pytest.mark.parametrize("case", ANSWERED, ids=_named)
def test_the_rules_answer_as_the_case_says(case: Mapping[str, Any]):
    policy = a_policy(**case.get("policy", {}))
    rule = rules_on(a_deal_in_roubles(**case["facts"]), policy)
    decision = decide(rule, None, policy)
    said = {name: _SAID[name](rule, decision) for name in case["expected"]}
    assert said == {name: _meant(name, expected) for name, expected in case["expected"].items()}


@pytest.mark.parametrize("case", REFUSED, ids=_named)
def test_the_policy_is_refused_with_the_reason(case: Mapping[str, Any]):
    with pytest.raises(PolicyError) as refusal:
        a_policy(**case["policy"])
    assert [fault.key for fault in refusal.value.faults] == case["refused"]


def test_all_twenty_one_cases_are_told():
    assert {case["case"].split()[0] for case in CASES} == {f"T{number}" for number in range(1, 22)}
