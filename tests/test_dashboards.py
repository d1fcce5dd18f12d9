"""The dashboard and the alert rules name only figures that are exported, by labels they have, in PromQL that parses."""

# ruff: noqa: SLF001 - prometheus_client tells a metric's labels nowhere else

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import promql_parser as promql
import pytest
import yaml
from prometheus_client import CollectorRegistry

from mlscore.http.metrics import Metrics
from training.watch import metrics as of_the_watch

DOCS = Path(__file__).parent.parent / "docs"
RULES = [
    rule
    for group in yaml.safe_load((DOCS / "alerts/mlscore.rules.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads((DOCS / "grafana/mlscore.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
OF_A_SCRAPE = {"job", "instance"}
PROMETHEUS_OWN = {"up": frozenset(OF_A_SCRAPE)}


def expressions() -> Iterator[tuple[str, str]]:
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    for panel in PANELS:
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("$__rate_interval", "5m").replace("$job", "mlscore")


def exported() -> Mapping[str, frozenset[str]]:
    """Return every series the service and the watch may export, with its labels."""
    board = of_the_watch._Board("main")
    of_the_watch._declare(board)
    return PROMETHEUS_OWN | series_of(Metrics()._registry) | series_of(board.registry)


def series_of(registry: CollectorRegistry) -> dict[str, frozenset[str]]:
    found = {}
    for name, collector in registry._names_to_collectors.items():
        own = {"le"} if name.endswith("_bucket") else set()
        found[name] = frozenset({*collector._labelnames, *own, *OF_A_SCRAPE})
    return found


def parts_of(expression: str) -> list[promql.Expr]:
    found: list[promql.Expr] = []
    promql.walk(promql.parse(expression), found.append)
    return found


EXPRESSIONS = list(expressions())


@pytest.mark.parametrize(("title", "expression"), EXPRESSIONS, ids=[title for title, _ in EXPRESSIONS])
def test_every_expression_reads_what_is_exported_by_labels_it_has(title: str, expression: str) -> None:
    selectors = [part for part in parts_of(expression) if isinstance(part, promql.VectorSelector)]
    names = {one.name for one in selectors} | set(re.findall(r"\bmlscore_\w+", expression))
    assert names, title
    assert names - exported().keys() == set()
    labels = {matcher.name for one in selectors for matcher in one.matchers.matchers}
    for part in parts_of(expression):
        if isinstance(part, promql.AggregateExpr) and part.modifier is not None:
            labels |= set(part.modifier.labels)
    assert labels <= set().union(*(exported()[name] for name in names))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_rule_says_what_is_and_what_to_do_first(rule: dict) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert {"summary", "action"} == set(rule["annotations"])
    for page, section in re.findall(r"docs/([\w.]+\.md)(?:, ([A-Z][\w ]+))?", rule["annotations"]["action"]):
        text = (DOCS / page).read_text(encoding="utf-8")
        assert not section or re.search(rf"^##+ {section}$", text, re.MULTILINE), section


def test_panels_lie_side_by_side_and_say_what_they_show() -> None:
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    cells = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for place in [panel["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24
    assert all(panel["title"] and panel["description"] for panel in PANELS)


def test_the_operations_page_lists_every_figure_with_its_labels() -> None:
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    listed = {
        name: set(re.findall(r"`(\w+)`", labels))
        for name, labels in re.findall(r"^\| `(mlscore_\w+)` \| ([^|]*) \|", page, re.MULTILINE)
    }
    registry = Metrics()._registry
    families = {
        metric.name + ("_total" if metric.type == "counter" else ""): metric.name for metric in registry.collect()
    }
    assert set(listed) == set(families)
    by_name = registry._names_to_collectors
    labels = {name: set(by_name[family]._labelnames) for name, family in families.items()}
    assert listed == labels
