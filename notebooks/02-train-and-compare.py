# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 Retrain, and compare rules and model
#
# A retraining as `python -m training retrain` does it: learn from the closed deals, answer for the newest ones as if
# they were still open, hold rules and model against what came of them, and put the model before the gates. The deals
# it is judged on were seen by none of the models that answered them.
#
# **The history is simulated**: no such firm exists. Everything lies in a temporary folder.

# %%
from IPython.display import Markdown

from training.playground import simulated_firm
from training.publish.plots import draw_one
from training.retrain import Terms, retrain
from training.tables import to_read
from training.workshop import now

with simulated_firm(deals=2_000, seed=20) as firm:
    done = retrain(firm, Terms(seed=20, simulated=True), at=now())
    card = firm.shelf.card(firm.firm, done.version)

findings = done.findings
f"{len(findings.table)} closed deals, {len(findings.rows)} judged; version {done.version} is {done.roles[0]}"

# %% [markdown]
# ## Every candidate on the same deals
#
# Log loss is what a probability loses against the truth, so less is better; AUC is how often a good deal ranks above
# a bad one. The rules rank deals and give no probability. `service` is what answers: a blend of the candidates, put
# together from earlier deals only.

# %%
to_read(findings.figures)

# %% [markdown]
# ## Do probabilities mean what they say?

# %%
draw_one(findings, "calibration")

# %% [markdown]
# Points on the broken line: of the deals given 30 %, three in ten turned out well. Inside the band chance alone
# explains the rest.
#
# ## Who finds the money?

# %%
draw_one(findings, "profit")

# %% [markdown]
# The dotted line stands at as many deals as the team can work or, as here, at half of them where it could work all:
# with every deal worked no choice is better than another. Look at how high each curve stands there: the money of that
# many deals, chosen by an oracle, by the model, by the rules, by chance. In figures:

# %%
to_read(findings.captured)

# %% [markdown]
# ## Where they disagree

# %%
draw_one(findings, "matrix")

# %% [markdown]
# The rules wait where a fact is missing or a person must look; the model abstains where deals like it are few. In the
# cells where one says yes and the other no, the share of good deals and the money tell who was right.
#
# ## Is the money honest?
#
# What the model expected of the judged deals beside what they brought. `surplus` is the difference, with its 90 %
# interval: where that holds 0, chance may explain it.

# %%
to_read(findings.worth)

# %% [markdown]
# ## What moves an answer

# %%
draw_one(findings, "insight")

# %% [markdown]
# ## The card
#
# Every model carries a card that says all this and its limits: in the run in MLflow, and in the folder the service
# reads.

# %%
Markdown(card)

# %% [markdown]
# Next: [03 Move a threshold and replay history](03-policy.ipynb).
