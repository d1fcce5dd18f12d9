"""The story of a retraining: read, split, contest, measure, assemble, gates, publish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from mlscore.ports import Backtest
from mlscore.registry import Role, check_bundle, load_bundle, write_bundle
from mlscore.scoring.deal import Floats
from mlscore.scoring.errors import ModelError
from mlscore.scoring.model import FittedModel
from mlscore.scoring.verdict import judge
from training.assemble import GATES_FAILED, UNPUBLISHED, assemble
from training.contest import Round, hold
from training.dataset import Rows, Table
from training.estimators import candidates
from training.evaluate import capacity_line, figures_of, money_rank
from training.gates import Evidence, pass_gates
from training.publish import BUNDLE, bundle_facts, model_card, publish
from training.publish.findings import Findings
from training.split import Plan, Refit, plan
from training.workshop import Workshop

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How to train: seeds, threads, where the test begins, and whether the history is simulated."""

    seed: int = 20
    threads: int = 1
    simulated: bool = False
    test_from: datetime | None = None
    refit: Refit = "once"
    grouped: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrained:
    """What came of a retraining: the findings, the version, and the roles it was given."""

    findings: Findings
    version: str
    run_id: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Champion:
    """The approved champion on the shelf, and when the newest outcome it learned became known."""

    model: FittedModel
    history_until: float | None


def retrain(workshop: Workshop, terms: Terms, *, at: datetime, progress: Progress = lambda _: None) -> Retrained:
    """Train on everything known at `at`, put the winner before the gates, and publish it.

    It becomes champion if it passed every gate, or if the firm has no champion yet; else challenger. Raises
    NothingToTrainError, and TrainingError where another training is running.
    """
    with workshop.alone():
        table = workshop.table(known_by=at)
        progress(f"{len(table)} closed deals, {int(table.y.sum())} {table.label}")
        findings = investigate(workshop.firm, table, terms, at=at, champion=find_champion(workshop), progress=progress)
        with TemporaryDirectory(prefix="mlscore-train-") as scratch:
            bundle = Path(scratch) / BUNDLE
            write_bundle(bundle, findings.model, card=model_card(findings), facts=bundle_facts(findings))
            roles = _roles(workshop, passed=findings.passed)
            progress("publishing")
            published = publish(findings, bundle, tracking_uri=workshop.tracking_uri, aliases=roles)
            workshop.shelf.put(workshop.firm, published.version, bundle)
        workshop.store.backtests.keep(workshop.firm, backtests(findings, published.version))
        for role in roles:
            workshop.shelf.point(workshop.firm, published.version, role)
        return Retrained(findings=findings, version=published.version, run_id=published.run_id, roles=roles)


def contest(table: Table, terms: Terms, progress: Progress) -> tuple[Plan, tuple[Round, ...]]:
    """Split a table and hold the contest on it."""
    folds = plan(table, test_from=terms.test_from, refit=terms.refit, grouped=terms.grouped, seed=terms.seed)
    entrants = candidates(seed=terms.seed, threads=terms.threads)
    return folds, hold(table, folds, entrants, seed=terms.seed, threads=terms.threads, progress=progress)


def investigate(
    firm: str,
    table: Table,
    terms: Terms,
    *,
    at: datetime,
    champion: Champion | str | None = None,
    progress: Progress = lambda _: None,
) -> Findings:
    """Hold the contest, make the winner's model of every row, and put it before the gates."""
    folds, rounds = contest(table, terms, progress)
    entrants = {entrant.name: entrant for entrant in candidates(seed=terms.seed, threads=terms.threads)}
    progress(f"{rounds[0].winner} is ahead: learning from every deal")
    model = assemble(
        table,
        entrants[rounds[0].winner],
        rounds[0],
        simulated=terms.simulated,
        seed=terms.seed,
        threads=terms.threads,
    )
    progress("gates")
    gates = pass_gates(_evidence(table, folds.judged, rounds[0], model, champion, terms.seed))
    is_approved = all(gate.passed for gate in gates)
    return Findings(
        firm=firm,
        at=at,
        table=table,
        plan=folds,
        rows=folds.judged,
        rounds=rounds,
        figures=figures_of(table, folds.judged, rounds, seed=terms.seed),
        gates=gates,
        model=replace(
            model,
            why_unapproved=None if is_approved else GATES_FAILED,
            capacity_line=capacity_line(table, folds.judged, rounds[0]),
        ),
        seed=terms.seed,
        settings={"threads": str(terms.threads), "refit": terms.refit},
    )


def find_champion(workshop: Workshop) -> Champion | str | None:
    """Return the champion a challenger must match: the one on the shelf, if it is approved.

    Where it cannot be read, why: a challenger must not pass because nobody could hold it against the champion.
    """
    version = workshop.shelf.champion(workshop.firm)
    if version is None:
        return None
    try:
        model = _readable(workshop, version)
        until = workshop.shelf.facts(workshop.firm, version).get("history_until")
    except ModelError as error:
        return str(error)
    if model.why_unapproved is not None:
        return None
    return Champion(model, datetime.fromisoformat(str(until)).timestamp() if until else None)


def _readable(workshop: Workshop, version: str) -> FittedModel:
    folder = workshop.shelf.folder(workshop.firm, version)
    if (fault := check_bundle(folder, version=version)) is not None:
        raise ModelError(fault)
    return load_bundle(folder, version=version)


def backtests(findings: Findings, version: str) -> list[Backtest]:
    """Return the out-of-time answers of the judged deals, to be kept beside their receipts."""
    probability, expected = findings.probability, findings.rounds[0].expected_profit
    return [
        Backtest(
            receipt_id=findings.table.receipt_ids[row],
            probability=float(probability[row]),
            expected_profit=None if np.isnan(expected[row]) else float(expected[row]),
            model_version=version,
        )
        for row in findings.rows.tolist()
    ]


def _evidence(
    table: Table, rows: Rows, contest: Round, model: FittedModel, champion: Champion | str | None, seed: int
) -> Evidence:
    def check() -> str | None:
        with TemporaryDirectory(prefix="mlscore-gate-") as scratch:
            folder = Path(scratch) / BUNDLE
            write_bundle(folder, model, card="", facts={"created_at": datetime.now(UTC).isoformat()})
            return check_bundle(folder, version=UNPUBLISHED)

    return Evidence(
        table=table,
        rows=rows,
        challenger=contest.service[rows],
        rules=contest.log_odds["rule_rates"][rows],
        challenger_rank=money_rank(table, contest)[rows],
        model=model,
        champion=(_answers(champion.model, table)[rows], champion.history_until)
        if isinstance(champion, Champion)
        else champion,
        check=check,
        seed=seed,
    )


def _answers(model: FittedModel, table: Table) -> Floats:
    return model.answers(table.deals, judged=judge(table.deals, model.policy)).log_odds


def _roles(workshop: Workshop, *, passed: bool) -> tuple[Role, ...]:
    if passed:
        return ("champion",)
    return ("challenger",) if workshop.shelf.champion(workshop.firm) else ("champion", "challenger")
