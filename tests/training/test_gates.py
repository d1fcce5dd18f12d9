"""Each planted bad challenger is refused by the gate meant for it, and a good one by none."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from pydantic_core import from_json, to_json

from mlscore.scoring.model import Inputs
from mlscore.texts import LANGUAGES, catalogue
from mlscore.texts.formats import UNKNOWN
from mlscore.web.pages.models import found
from mlscore.web.words import Words
from tests.models import a_linear
from tests.training.histories import START, a_closed_deal, a_history, a_table, undated, with_fact
from training import gates
from training.contest import Setting, hold, slope_and_intercept
from training.estimators import Lesson, RuleRates
from training.evaluate import money_rank
from training.gates import Evidence, pass_gates
from training.gates.conduct import no_leak
from training.gates.figures import (
    CHANCE_ALLOWED_MAX,
    calibrated,
    chance_of_worse,
    earns_as_much,
    tells_deals_apart,
)
from training.leaks import Leak
from training.publish import bundle_facts, model_card
from training.retrain import Terms, investigate
from training.split import plan


def evidence_of(table, **how):
    """Return the evidence of an honest contest on a table, about the model it put together."""
    folds = plan(table, **how)
    held = hold(table, folds, Setting(seed=1, threads=1))
    [round_, *_], rows = held.rounds, folds.judged
    return Evidence(
        table=table,
        rows=rows,
        challenger=round_.service[rows],
        rules=round_.log_odds["rule_rates"][rows],
        challenger_rank=money_rank(table, round_, even_abstaining=True)[rows],
        model=held.model,
    )


def of_rates(table):
    """Return the same evidence about a model of rule rates alone."""
    return with_member(evidence_of(table), RuleRates().fit(Lesson.of(table, np.arange(len(table)))))


@pytest.fixture(scope="module")
def honest():
    return evidence_of(a_table(a_history(500, seed=2)))


def failed(evidence):
    return {gate.code for gate in pass_gates(evidence) if not gate.passed}


def with_member(evidence, member):
    return replace(evidence, model=replace(evidence.model, members=((1.0, member),)))


def test_an_honest_challenger_passes_every_gate(honest) -> None:
    assert failed(honest) == set()


def test_every_gate_is_a_sentence_with_its_figures(honest) -> None:
    gates = pass_gates(honest)
    assert len({gate.code for gate in gates}) == len(gates) == 10
    assert all(gate.sentence.endswith(".") for gate in gates)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_gate_can_be_said_on_the_pages_and_leaves_nothing_unsaid(honest, language) -> None:
    alike = replace(honest, rows=honest.rows[honest.y > 0], challenger=honest.challenger[honest.y > 0])
    leaking = replace(honest, leaks=[Leak(fact="amount", way="name", severity="warn", figure=None, sentence="Late.")])
    words = Words(language, honest.table.policy)
    for gate in (*pass_gates(honest), tells_deals_apart(alike), no_leak(leaking)):
        told = found(from_json(to_json(gate)), words)
        assert told is not None, gate
        assert UNKNOWN not in told


def test_what_gates_may_find_and_what_pages_can_say_of_it_are_the_same() -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in Path(gates.__file__).parent.glob("*.py"))
    written = set(re.findall(r'said(?:, found)? ?= ?"([a-z_.]+)"', source))
    written |= set(re.findall(r'said="[a-z_.]+" if [^"]+ else "([a-z_.]+)"', source))
    assert {f"web.models.found.{said}" for said in written} == {
        code for code in catalogue("ru") if code.startswith("web.models.found.")
    }


def test_a_constant_challenger_is_refused(honest) -> None:
    constant = replace(honest, challenger=np.zeros(len(honest.rows)))
    assert {"tells_deals_apart", "log_loss_rules"} <= failed(constant)


def test_an_inverted_challenger_is_refused(honest) -> None:
    assert {"tells_deals_apart", "log_loss_rules", "calibrated"} <= failed(
        replace(honest, challenger=-honest.challenger)
    )


def test_an_over_confident_challenger_is_refused_for_its_calibration(honest) -> None:
    assert "calibrated" in failed(replace(honest, challenger=4 * honest.challenger))


def test_a_challenger_that_is_off_on_the_whole_is_refused_for_its_calibration(honest) -> None:
    assert "calibrated" in failed(replace(honest, challenger=honest.challenger + 0.7))


def few_and_off(honest, *, slope=1.0, intercept=0.0, times=1):
    """Return evidence of 136 deals, or of as many a few times over, with this slope and intercept to the digit."""
    rows, z = honest.rows[:136], honest.challenger[:136]
    y = honest.table.y[rows].astype(float)
    z = z * slope_and_intercept(z, y)[0]
    straight = z + slope_and_intercept(z, y)[1]
    found = np.tile(straight / slope - intercept, times)
    return replace(honest, rows=np.tile(rows, times), challenger=found)


@pytest.mark.parametrize("off", [{"intercept": -0.36}, {"intercept": 0.36}, {"slope": 1.5}, {"slope": 0.62}])
def test_what_may_be_chance_at_few_deals_is_refused_for_its_calibration_at_many_alone(honest, off) -> None:
    assert calibrated(few_and_off(honest, **off)).passed
    assert not calibrated(few_and_off(honest, **off, times=20)).passed


@pytest.mark.parametrize("off", [{"intercept": -0.7}, {"slope": 0.3}, {"slope": 2.0}])
def test_chance_excuses_no_calibration_that_is_plainly_wrong(honest, off) -> None:
    gate = calibrated(few_and_off(honest, **off))
    assert not gate.passed
    assert gate.figures["slope_noise"] <= CHANCE_ALLOWED_MAX


def test_a_money_losing_challenger_is_refused_for_its_profit(honest) -> None:
    profit = honest.table.profit[honest.rows]
    assert failed(replace(honest, challenger_rank=-profit)) == {"profit_captured"}


def test_profit_is_no_gate_where_none_is_recorded(honest) -> None:
    table = replace(honest.table, profit=np.full(len(honest.table), np.nan))
    assert failed(replace(honest, table=table, challenger_rank=-honest.challenger)) == set()


def test_a_challenger_worse_than_the_rules_is_refused(honest) -> None:
    rules = np.where(honest.y > 0, 3.0, -3.0)
    assert failed(replace(honest, rules=rules)) == {"log_loss_rules"}


@dataclass
class Unmonotone:
    """A member that likes deals the less, the better one feature is."""

    position: int

    def log_odds(self, inputs: Inputs):
        return -np.nan_to_num(inputs.matrix[:, self.position])


@pytest.mark.parametrize("feature", ["need_defined", "roles_reached", "budget_amount"])
def test_a_challenger_that_punishes_better_facts_is_refused(honest, feature) -> None:
    position = [f.name for f in honest.model.features].index(feature)
    assert "directions" in failed(with_member(honest, Unmonotone(position)))


@dataclass
class BatchDependent:
    """A member that looks at the other deals of the batch."""

    position: int

    def log_odds(self, inputs: Inputs):
        known = np.nan_to_num(inputs.matrix[:, self.position])
        return known - known.mean()


def test_a_challenger_whose_answer_depends_on_its_neighbours_is_refused(honest) -> None:
    position = [f.name for f in honest.model.features].index("amount")
    assert "alone_and_in_a_batch" in failed(with_member(honest, BatchDependent(position)))


def test_a_bundle_that_does_not_load_is_refused_with_the_reason(honest) -> None:
    broken = replace(honest, check=lambda: "Model 3 needs features ['shoe_size'].")
    assert failed(broken) == {"loads_afresh"}
    [gate] = [g for g in pass_gates(broken) if not g.passed]
    assert "shoe_size" in gate.sentence


def a_leak(severity):
    return Leak(fact="visit_on", way="timing", severity=severity, figure=0.9, sentence=f"{severity}: visit_on is late.")


def test_a_leak_that_is_refused_fails_its_gate_and_one_that_is_warned_of_is_said(honest) -> None:
    for severity, refused in (("refuse", {"no_leak"}), ("warn", set())):
        gates = pass_gates(replace(honest, leaks=[a_leak(severity)]))
        assert {gate.code for gate in gates if not gate.passed} == refused
        [gate] = [gate for gate in gates if gate.code == "no_leak"]
        assert f"{severity}: visit_on is late." in gate.sentence
        assert ("--vouch" in gate.sentence) == bool(refused)


def test_too_short_a_history_is_refused() -> None:
    assert "enough_history" in failed(of_rates(a_table(a_history(60))))


def test_a_champion_that_is_better_on_deals_it_had_not_seen_keeps_its_place(honest) -> None:
    better = np.where(honest.y > 0, 3.0, -3.0)
    assert failed(replace(honest, champion=(better, 0.0))) == {"log_loss_champion"}
    assert failed(replace(honest, champion=(-better, 0.0))) == set()


def test_a_champion_is_not_compared_on_deals_it_learned_from(honest) -> None:
    better = np.where(honest.y > 0, 3.0, -3.0)
    assert failed(replace(honest, champion=(better, honest.table.history_until))) == set()
    assert failed(replace(honest, champion=(better, None))) == set()


def test_a_correction_does_not_make_a_deal_new_to_the_champion_that_learned_it(honest) -> None:
    table = honest.table
    later = replace(table, known_at=table.known_at + 400 * 86_400.0)
    better = np.where(honest.y > 0, 3.0, -3.0)
    assert failed(replace(honest, table=later, champion=(better, table.history_until))) == set()


def test_nothing_judged_passes_no_gate_that_needs_judging(honest) -> None:
    nothing = np.zeros(0, dtype=np.intp)
    empty = np.zeros(0)
    bare = replace(honest, rows=nothing, challenger=empty, rules=empty, challenger_rank=empty)
    assert failed(bare) == {"tells_deals_apart", "log_loss_rules", "calibrated", "profit_captured"}
    assert_every_gate_is_told_in_figures(pass_gates(bare))


def test_where_all_judged_deals_ended_alike_it_says_so(honest) -> None:
    lost = np.flatnonzero(honest.y == 0)
    alike = {name: getattr(honest, name)[lost] for name in ("rows", "challenger", "rules", "challenger_rank")}
    one_sided = replace(honest, **alike)
    assert {"tells_deals_apart", "calibrated"} <= failed(one_sided)
    assert f"all {len(lost)} judged deals ended alike" in pass_gates(one_sided)[1].sentence
    assert_every_gate_is_told_in_figures(pass_gates(one_sided))


def assert_every_gate_is_told_in_figures(gates) -> None:
    assert all(np.isfinite(figure) for gate in gates for figure in gate.figures.values())
    assert not [gate.sentence for gate in gates if re.search(r"\bnan\b|\binf\b", gate.sentence)]


@pytest.mark.parametrize("deals", range(1, 10))
def test_a_history_of_under_ten_deals_is_refused_in_plain_words(deals) -> None:
    findings = investigate("main", a_table(a_history(deals)), Terms(), at=START)
    assert not findings.passed
    assert_every_gate_is_told_in_figures(findings.gates)
    facts = to_json(bundle_facts(findings), inf_nan_mode="constants", fallback=str)
    assert not re.search(rb"NaN|Infinity", facts)
    assert "nan" not in model_card(findings)


def test_directions_that_nothing_could_try_are_said_to_be_untried() -> None:
    history = [a_closed_deal(f"D-{n}", day=n, won=n % 3 > 0, steam_tph=float(n % 9)) for n in range(60)]
    [gate] = [g for g in pass_gates(of_rates(a_table(history))) if g.code == "directions"]
    assert gate.passed
    assert "knows no fact that could be tried" in gate.sentence


def test_directions_of_custom_facts_are_tried_as_the_policy_declares_them() -> None:
    history = a_history(200)
    sizes = np.random.default_rng(1).normal(0, 1, len(history))
    declared = {"kind": "number", "direction": "more_is_better"}
    evidence = of_rates(with_fact(history, "size", sizes.tolist(), **declared))
    place = [f.name for f in evidence.model.features].index("custom_size")
    gates = {"down": Unmonotone(place), "up": a_linear(evidence.model.features, weights={"custom_size": 1.0})}
    for way, member in gates.items():
        [gate] = [g for g in pass_gates(with_member(evidence, member)) if g.code == "directions"]
        assert (gate.figures["size"] > 0.9) == (way == "down")


def test_the_chance_of_being_worse_is_that_of_resampled_deals() -> None:
    assert chance_of_worse(np.full(50, -0.1), seed=0) == 0.0
    assert chance_of_worse(np.full(50, 0.1), seed=0) == 1.0
    even = np.tile([-1.0, 1.0], 500)
    assert chance_of_worse(even, seed=0) == pytest.approx(0.5, abs=0.1)
    assert chance_of_worse(np.zeros(0), seed=0) == 1.0


def test_an_undated_history_may_pass() -> None:
    assert failed(evidence_of(a_table(undated(a_history(300, seed=4))), grouped=(2, 1))) == set()


def test_the_gate_of_money_says_where_half_the_deals_stand_for_the_capacity(honest) -> None:
    policy = honest.table.policy
    busy = replace(honest.table, policy=replace(policy, economics=replace(policy.economics, worked_capacity=3)))
    free, short = (earns_as_much(replace(honest, table=table)).sentence for table in (honest.table, busy))
    assert "(half of those judged: the team could work all), also where it abstains" in free
    assert "half" not in short


def test_a_champion_that_cannot_be_read_lets_nobody_past(honest) -> None:
    assert failed(replace(honest, champion="model.json was changed.")) == {"log_loss_champion"}


def test_figures_that_are_told_alike_are_not_worse(honest) -> None:
    away_from_the_truth = np.where(honest.y > 0, -1.0, 1.0)
    near, worse = (replace(honest, challenger=honest.rules + by * away_from_the_truth) for by in (1e-6, 0.1))
    assert {"log_loss_rules"} & failed(worse)
    assert not {"log_loss_rules"} & failed(near)
