"""The story of a retraining: read, split, contest, measure, assemble, gates, publish."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from mlscore import __version__
from mlscore.ports import Backtest
from mlscore.registry import Role, check_bundle, load_bundle, write_bundle
from mlscore.scoring.deal import Floats
from mlscore.scoring.errors import ModelError
from mlscore.scoring.model import FittedModel
from mlscore.scoring.policy import fingerprint
from mlscore.scoring.reasons import usual_answers
from mlscore.scoring.verdict import judge
from training.contest import Contest, Round, Setting, hold
from training.contest.assemble import GATES_FAILED, UNPUBLISHED
from training.dataset import Rows, Table, deals_under
from training.evaluate import capacity_line, figures_of, money_rank
from training.gates import Evidence, pass_gates
from training.leaks import Leak, check_vouched, find_leaks
from training.publish import BUNDLE, bundle_facts, card_page, draw, knock, model_card, publish
from training.publish.findings import Findings
from training.split import Plan, Refit, plan
from training.workshop import Workshop

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How to train: seeds, threads, where the test begins, and whether the history is simulated.

    `vouched` are facts that a person says are known when a deal is scored, whatever the leak detector thinks of them.
    """

    seed: int = 20
    threads: int = 1
    simulated: bool = False
    test_from: datetime | None = None
    refit: Refit = "once"
    grouped: tuple[int, int] | None = None
    vouched: tuple[str, ...] = ()

    def written(self) -> Mapping[str, object]:
        """Return the terms as a bundle's facts hold them; threads are no term of what is learned."""
        plain = asdict(self) | {"test_from": self.test_from and self.test_from.isoformat()}
        del plain["threads"]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrained:
    """What came of a retraining: the findings, the version, and the roles it was given."""

    findings: Findings
    version: str
    run_id: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class NothingNew:
    """Why nothing was trained: the newest version on the shelf has learned just this."""

    version: str


@dataclass(frozen=True, slots=True)
class Champion:
    """The approved champion on the shelf, and when the newest outcome it learned became known."""

    model: FittedModel
    history_until: float | None


def retrain(workshop: Workshop, terms: Terms, *, at: datetime, progress: Progress = lambda _: None) -> Retrained:
    """Train on everything known at `at`, put the winner before the gates, and publish it.

    It becomes champion if it passed every gate, or if the firm has no champion yet; else challenger. Raises
    NothingToTrainError, BusyError where another training is running, and TrackingAwayError before the work begins.
    """
    with workshop.alone():
        return _retrain(workshop, workshop.table(known_by=at), terms, at, progress)


def retrain_if_new(
    workshop: Workshop, terms: Terms, *, at: datetime, progress: Progress = lambda _: None
) -> Retrained | NothingNew:
    """Train as `retrain` does, unless the newest version on the shelf has learned just this under the same terms."""
    with workshop.alone():
        table = workshop.table(known_by=at)
        if (version := find_same(workshop, table, terms)) is not None:
            return NothingNew(version)
        return _retrain(workshop, table, terms, at, progress)


def _retrain(workshop: Workshop, table: Table, terms: Terms, at: datetime, progress: Progress) -> Retrained:
    check_vouched(terms.vouched, workshop.policy)
    knock(workshop.firm, tracking_uri=workshop.tracking_uri)
    progress(f"{len(table)} closed deals, {int(table.y.sum())} {table.label}")
    findings = investigate(workshop.firm, table, terms, at=at, champion=find_champion(workshop), progress=progress)
    progress("plots and card")
    plots = draw(findings)
    card, page, facts = model_card(findings), card_page(findings, plots), bundle_facts(findings)
    with TemporaryDirectory(prefix="mlscore-train-") as scratch:
        bundle = Path(scratch) / BUNDLE
        write_bundle(bundle, findings.model, card=card, card_page=page, facts=facts, signer=workshop.signer)
        roles = _roles(workshop, passed=findings.passed)
        progress("publishing")
        taken = workshop.shelf.versions(workshop.firm)
        published = publish(
            findings, bundle, plots=plots, tracking_uri=workshop.tracking_uri, aliases=roles, taken=taken
        )
        if "champion" in roles:
            # A refused challenger's would take the place of the champion's.
            workshop.store.backtests.keep(workshop.firm, backtests(findings, published.version))
        # Last, and together: a training cut short before leaves nothing on the shelf that would pass for learned.
        workshop.shelf.put(workshop.firm, published.version, bundle)
        for role in roles:
            workshop.shelf.point(workshop.firm, published.version, role)
        if "challenger" not in roles:
            workshop.shelf.vacate(workshop.firm, "challenger")
    return Retrained(findings=findings, version=published.version, run_id=published.run_id, roles=roles)


def find_same(workshop: Workshop, table: Table, terms: Terms) -> str | None:
    """Return the newest version on the shelf where it learned this history, policy and code under these terms."""
    firm, shelf = workshop.firm, workshop.shelf
    versions = shelf.versions(firm)
    try:
        if not versions or shelf.champion(firm) is None:
            return None
        facts = shelf.facts(firm, versions[-1])
        if workshop.was_cut_short(facts):
            return None
    except ModelError:  # a damaged version or pointer: a training mends it
        return None
    sought = {
        "history_sha256": table.history_sha256,
        "policy_version": fingerprint(table.policy),
        "code_version": __version__,
        "terms": terms.written(),
    }
    return versions[-1] if all(facts.get(name) == value for name, value in sought.items()) else None


def was_simulated(workshop: Workshop) -> bool:
    """Return whether the newest version that can be read learned from a simulated history."""
    for version in reversed(workshop.shelf.versions(workshop.firm)):
        try:
            return bool(workshop.shelf.facts(workshop.firm, version).get("simulated"))
        except ModelError:  # a damaged version: the one before says it too
            continue
    return False


def contest(table: Table, terms: Terms, progress: Progress) -> tuple[Plan, Contest]:
    """Split a table and hold the contest on it."""
    folds = plan(table, test_from=terms.test_from, refit=terms.refit, grouped=terms.grouped, seed=terms.seed)
    setting = Setting(seed=terms.seed, threads=terms.threads)
    return folds, hold(table, folds, setting, progress=progress)


def investigate(
    firm: str,
    table: Table,
    terms: Terms,
    *,
    at: datetime,
    champion: Champion | str | None = None,
    progress: Progress = lambda _: None,
) -> Findings:
    """Look for leaks, hold the contest, and put the model that came of it before the gates."""
    leaks = find_leaks(table, vouched=terms.vouched, seed=terms.seed, threads=terms.threads)
    folds, held = contest(table, terms, progress)
    progress("gates")
    model = replace(
        held.model,
        simulated=terms.simulated,
        usual=usual_answers(table.judged),
        capacity_line=capacity_line(table, folds.judged, held.rounds[0]),
    )
    gates = pass_gates(_evidence(table, folds.judged, held.rounds[0], model, champion, leaks, terms.seed))
    is_approved = all(gate.passed for gate in gates)
    return Findings(
        firm=firm,
        at=at,
        table=table,
        plan=folds,
        rows=folds.judged,
        contest=held,
        figures=figures_of(table, folds.judged, held.rounds, seed=terms.seed),
        gates=gates,
        leaks=leaks,
        model=replace(model, why_unapproved=None if is_approved else GATES_FAILED),
        seed=terms.seed,
        settings={"threads": str(terms.threads), "refit": terms.refit, **held.setting.written()},
        terms=terms.written(),
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
    """Return every answer given out of time, to be kept beside the receipts: those of the judged deals and before.

    Where the model abstained it expects nothing: it says neither yes nor no.
    """
    one = findings.rounds[0]
    probability, expected = findings.probability, np.where(one.abstained, np.nan, one.expected_profit)
    return [
        Backtest(
            receipt_id=findings.table.receipt_ids[row],
            probability=float(probability[row]),
            expected_profit=None if np.isnan(expected[row]) else float(expected[row]),
            model_version=version,
        )
        for row in np.flatnonzero(~np.isnan(probability)).tolist()
    ]


def _evidence(
    table: Table,
    rows: Rows,
    contest: Round,
    model: FittedModel,
    champion: Champion | str | None,
    leaks: Sequence[Leak],
    seed: int,
) -> Evidence:
    return Evidence(
        table=table,
        rows=rows,
        challenger=contest.service[rows],
        rules=contest.log_odds["rule_rates"][rows],
        challenger_rank=money_rank(table, contest, even_abstaining=True)[rows],
        model=model,
        champion=(_answers(champion.model, table)[rows], champion.history_until)
        if isinstance(champion, Champion)
        else champion,
        check=lambda: why_it_must_not_serve(model),
        leaks=leaks,
        seed=seed,
    )


def why_it_must_not_serve(model: FittedModel) -> str | None:
    """Write a model down and have it read and tried in a process of its own; None where it may serve."""
    with TemporaryDirectory(prefix="mlscore-gate-") as scratch:
        folder = Path(scratch) / BUNDLE
        try:
            write_bundle(folder, model, card="", facts={"created_at": datetime.now(UTC).isoformat()})
        except ModelError as error:
            return str(error)
        return check_bundle(folder, version=UNPUBLISHED)


def _answers(model: FittedModel, table: Table) -> Floats:
    deals = deals_under(table, model.policy)
    return model.answers(deals, judged=judge(deals, model.policy)).log_odds


def _roles(workshop: Workshop, *, passed: bool) -> tuple[Role, ...]:
    if passed:
        return ("champion",)
    return ("challenger",) if workshop.shelf.champion(workshop.firm) else ("champion", "challenger")
