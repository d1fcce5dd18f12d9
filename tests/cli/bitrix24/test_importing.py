"""`mlscore bitrix24 import`: what a portal has closed is taken in once, as it was when its work began."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import func, select
from typer.testing import CliRunner

from mlscore.cli import app
from mlscore.crm.bitrix24 import history
from mlscore.crm.bitrix24.fake import FakePortal, Limits, Served, serve_portal
from mlscore.ports import ScoredOutcome
from mlscore.scoring.deal import Status
from mlscore.scoring.policy import default_document
from mlscore.store import open_store
from mlscore.store.tables import cursors

LONG_AGO = "2000-01-01"


class Person:
    """Who imports from a portal that he has connected."""

    def __init__(self, served: Served, folder: Path) -> None:
        self.served, self.folder, self.url = served, folder, f"sqlite:///{folder / 'store.db'}"
        allowed = "127.0.0.0/8, http://127.0.0.1"
        self._runner = CliRunner(env={"MLSCORE_DATABASE": self.url, "MLSCORE_OUTGOING_ALLOWED": allowed})
        connected = self._runner.invoke(app, ["bitrix24", "connect", "--yes"], input=f"{served.webhook}\n\n")
        assert connected.exit_code == 0, connected.output

    def imports(self, *arguments: str, since: str = LONG_AGO) -> Result:
        return self._runner.invoke(app, ["bitrix24", "import", "--since", since, *arguments])

    def looks_back(self, *, days: int) -> None:
        """Let the policy count a company's wins of so many days: of two years none can be told in two years."""
        policy = self.folder / "policy.toml"
        policy.write_text(default_document().replace("window_days = 730", f"window_days = {days}"), encoding="utf-8")
        done = self._runner.invoke(app, ["policy", "apply", str(policy), "--why", "a test"])
        assert done.exit_code == 0, done.output

    def closed(self) -> dict[str, ScoredOutcome]:
        store = open_store(self.url)
        found = {one.deal.deal_id: one for one in store.closed.closed_deals("main")}
        store.close()
        return found

    def items(self) -> dict[str, dict]:
        return {f"D_{one['id']}": one for one in self.served.admin.items() if one["stageSemanticId"] != "P"}


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    monkeypatch.chdir(tmp_path)
    with serve_portal(FakePortal(seed=3, limits=Limits(drains=1e6, block_above=1e6))) as served:
        served.admin.found(leads=2, deals=5, closed=60)
        yield Person(served, tmp_path)


def test_every_closed_deal_is_taken_in_with_its_end(person: Person) -> None:
    done = person.imports()
    assert done.exit_code == 0, done.output
    closed, items = person.closed(), person.items()
    assert closed.keys() == items.keys()
    for deal_id, one in closed.items():
        assert (one.outcome.status is Status.WON) == (items[deal_id]["stageSemanticId"] == "S")
        assert one.receipt.origin == "import"
    assert any(one.outcome.realised_profit for one in closed.values())


def test_a_deal_is_scored_as_of_the_moment_its_work_began(person: Person) -> None:
    person.imports()
    left_its_first_stage = 0
    for deal_id, one in person.closed().items():
        made = datetime.fromisoformat(person.items()[deal_id]["createdTime"])
        assert made <= one.as_of < one.outcome.closed_at
        left_its_first_stage += one.as_of > made
    assert left_its_first_stage > 30


def test_only_what_closed_on_the_day_or_later_is_taken_in(person: Person) -> None:
    since = datetime.now(UTC).date() - timedelta(days=200)
    person.imports(since=since.isoformat())
    moved = {deal_id: datetime.fromisoformat(one["movedTime"]).date() for deal_id, one in person.items().items()}
    taken = person.closed().keys()
    assert {deal_id for deal_id, day in moved.items() if day > since} <= taken
    assert not {deal_id for deal_id, day in moved.items() if day < since} & taken
    assert 0 < len(taken) < len(moved)


def test_importing_again_changes_nothing(person: Person) -> None:
    person.imports()
    before = person.closed()
    for again in (person.imports(), person.imports("--anew")):
        assert again.exit_code == 0, again.output
        assert "Going on after" not in again.output
    assert person.closed() == before


def test_a_deal_that_closed_since_is_taken_in_by_the_next_import(person: Person) -> None:
    person.imports()
    [number, *_, last] = [one["id"] for one in person.served.admin.items() if one["stageSemanticId"] == "P"]
    person.served.admin.close(item=last, won=False)
    person.imports()
    person.served.admin.close(item=number, won=True, profit=9_000.0)
    person.imports()
    assert {f"D_{number}", f"D_{last}"} <= person.closed().keys()


def test_an_import_that_was_interrupted_goes_on_where_it_stopped(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PAGE", 20)
    keep, pages = history.page_of, []

    def interrupted(portal, crm, numbers):
        pages.append(numbers)
        if len(pages) == 2:
            raise KeyboardInterrupt
        return keep(portal, crm, numbers)

    monkeypatch.setattr(history, "page_of", interrupted)
    assert person.imports().exit_code != 0
    assert person.closed() == {}  # before all are read nobody knows what a company had come to
    done = person.imports()
    assert "Going on after deal" in done.output
    assert person.closed().keys() == person.items().keys()
    assert pages[1] == pages[2]
    assert len(pages) == 4


def test_what_a_portal_refuses_for_a_while_is_not_lost(person: Person) -> None:
    person.served.admin.refuse_next(code="QUERY_LIMIT_EXCEEDED", times=2)
    person.served.admin.fault(drop_after_share=0.1)
    assert person.imports().exit_code == 0
    assert person.closed().keys() == person.items().keys()


def test_only_the_funnels_named_are_taken_in(person: Person) -> None:
    [moved, other, *_] = person.items()
    person.served.admin.move(item=int(moved[2:]), funnel=1, stage="C1:WON")
    assert person.imports("--funnel", "1").exit_code == 0
    in_funnel = {deal_id for deal_id, one in person.items().items() if one["categoryId"] == 1}
    assert person.closed().keys() == in_funnel >= {moved}
    assert person.imports("--funnel", "1", "--funnel", "0").exit_code == 0
    assert person.closed().keys() >= {moved, other}


def test_a_method_that_has_no_time_left_in_the_middle_is_waited_for(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PAGE", 20)
    keep, pages = history.page_of, []
    # Its ten buckets of a tenth of a second are over within one.
    person.served.admin.limit(bucket_seconds=0.1, operating_seconds=100.0, tells_operating=True)

    def spent_at_the_second(portal, crm, numbers):
        pages.append(numbers)
        if len(pages) == 2:
            person.served.admin.spend(method="crm.stagehistory.list", seconds=200.0)
        return keep(portal, crm, numbers)

    monkeypatch.setattr(history, "page_of", spent_at_the_second)
    assert person.imports().exit_code == 0
    assert "OPERATION_TIME_LIMIT" in person.served.admin.figures()["refusals"]
    assert person.closed().keys() == person.items().keys()


def test_what_a_company_had_won_by_then_counts_on_whichever_page_it_stands(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.looks_back(days=300)
    person.imports()
    of_one = {deal_id: one.receipt.deal for deal_id, one in person.closed().items()}
    assert sum(bool(deal.won_deals_24m) for deal in of_one.values()) > 5
    person.served.admin.limit(drains=1e6, block_above=1e6)
    (person.folder / "other").mkdir()
    other = Person(person.served, person.folder / "other")
    other.looks_back(days=300)
    closed_deals = history.closed_deals
    monkeypatch.setattr(history, "PAGE", 5)
    monkeypatch.setattr(history, "closed_deals", lambda *given, **named: reversed([*closed_deals(*given, **named)]))
    assert other.imports().exit_code == 0
    assert {deal_id: one.receipt.deal for deal_id, one in other.closed().items()} == of_one


def test_a_stage_history_that_is_refused_is_told_with_how_many_and_why(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_history_of", lambda item: history.Command("crm.nothing.list", {}))
    done = person.imports()
    count = len(person.closed())
    said = f"{count} as of the moment they were made, for their stage history is not known (ERROR_METHOD_NOT_FOUND)"
    assert said in done.output
    assert f'"deals": {count}' in done.output or f'"deals":{count}' in done.output
    for deal_id, one in person.closed().items():
        assert one.as_of == datetime.fromisoformat(person.items()[deal_id]["createdTime"])


def test_an_import_that_was_whole_leaves_nothing_behind(person: Person) -> None:
    done = person.imports()
    assert "stage history" not in done.output
    store = open_store(person.url)
    with store.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(cursors)) == 0
    store.close()


def test_without_a_connection_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["bitrix24", "import", "--since", LONG_AGO])
    assert done.exit_code == 1
    assert "mlscore bitrix24 connect" in done.output


@pytest.mark.parametrize(
    ("stages", "began"),
    [
        ([], None),
        ([("1", "NEW", "P", 1)], 1),
        ([("1", "NEW", "P", 1), ("2", "WORK", "P", 5), ("2", "OFFER", "P", 9), ("3", "WON", "S", 20)], 5),
        ([("1", "NEW", "P", 1), ("3", "LOSE", "F", 7)], 1),
        ([("2", "WORK", "P", 5), ("1", "NEW", "P", 1)], 5),
    ],
)
def test_work_begins_when_a_deal_leaves_its_first_stage(
    stages: list[tuple[str, str, str, int]], began: int | None
) -> None:
    rows = [
        {
            "TYPE_ID": kind,
            "STAGE_ID": stage,
            "STAGE_SEMANTIC_ID": semantic,
            "CREATED_TIME": datetime(2026, 1, day, tzinfo=UTC).isoformat(),
        }
        for kind, stage, semantic, day in stages
    ]
    assert history.began_work(rows) == (None if began is None else datetime(2026, 1, began, tzinfo=UTC))
