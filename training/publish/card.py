"""The model card: what was learned from what, how good it is, and what it may not be used for."""

from __future__ import annotations

from jinja2 import Environment, StrictUndefined

from mlscore.scoring.policy import fingerprint
from training.publish.facts import moment
from training.publish.findings import Findings
from training.tables import markdown_table

_CARD = """\
# Model of {{ findings.firm }}
{% if findings.model.simulated %}
**Trained on a simulated history: its answers are about no real firm.**
{% endif %}
{{ "It passed every gate." if findings.passed else
"It did not pass every gate: it answers, and says not to rely on it." }}

## What it answers
{{ "The chance that a deal is won and brings at least the floor" if table.label == "profitable" else
"The chance that a deal is won (this history records no profit)" }}, with a 90 % interval, and the profit to be
expected of it. It is made of `{{ findings.winner }}`, the simplest candidate within one standard error of the best on
deals none had seen.

## What it learned from
- {{ table | length }} closed deals, {{ table.y.sum() }} of them positive
{%- if until %}; known until {{ until }}{% endif %}
- policy `{{ policy }}`, history SHA-256 `{{ table.history_sha256 }}`
{%- for why, count in table.left_out.items() %}
- left out: {{ count }} ({{ why.replace("_", " ") }})
{%- endfor %}

## How good it is
On {{ findings.rows | length }} deals {{ "in the order of time" if findings.plan.by_time else
"in grouped folds (nothing is dated)" }}, answered by models that had not seen them.

{{ figures }}
{% if findings.money %}
They were expected to bring {{ "{:,.0f}".format(findings.money[0]) }} {{ table.policy.currency }} and brought
{{ "{:,.0f}".format(findings.money[1]) }}.
{% endif %}
## Gates
{% for gate in findings.gates -%}
- {{ "passed" if gate.passed else "**failed**" }}: {{ gate.sentence }}
{% endfor %}
## Facts that may be known too late
{% for leak in findings.leaks -%}
- {{ "**refused**" if leak.severity == "refuse" else "warned" }}: {{ leak.sentence }}
{% else -%}
None is suspected, by its name, its dates, when it is unknown, or how much it tells alone.
{% endfor %}
## Limits
It speaks of deals like those it learned from. Where few deals share the rule cell, or a fact lies far from all seen, it
abstains. Deals that were refused have no outcome and taught it nothing. Its answers are no ground for decisions about
people.
"""


def model_card(findings: Findings) -> str:
    """Return the card in Markdown."""
    template = Environment(undefined=StrictUndefined, autoescape=False).from_string(_CARD)  # noqa: S701 - Markdown
    return template.render(
        findings=findings,
        table=findings.table,
        until=moment(findings.table.history_until),
        policy=fingerprint(findings.table.policy),
        figures=markdown_table(findings.figures),
    )
