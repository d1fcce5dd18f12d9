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
# # 01 What a firm's history says of its money
#
# A firm sells steam equipment to factories. Its sellers were proud of how many deals they won, and the firm earned
# little. This notebook looks at its closed deals and finds out why. You need to know nothing of mlscore to read it.
#
# **The history is simulated**: no such firm exists. It is drawn anew each time, always the same, and lies in a
# temporary folder. For your own firm, `mlscore history import deals.csv --mapping mapping.toml` reads the export of
# your CRM ([how](../docs/import.md)); started with the same `MLSCORE_DATABASE`, this takes the place of the next cell:
#
# ```python
# from mlscore.settings import Settings
# from training.workshop import open_workshop
#
# with open_workshop(Settings()) as firm:
#     table = firm.table()
# ```

# %%
from training.hindsight import below_the_floor, promises, size_bands, terms_of
from training.playground import simulated_firm
from training.tables import to_read

with simulated_firm(deals=1_500, seed=20) as firm:
    table = firm.table()

f"{len(table)} closed deals, {table.won.sum()} of them won"

# %% [markdown]
# ## What a deal must bring
#
# Overhead has to be paid by the deals that are concluded. Divided among them it is the **floor**: what a *won* deal
# must bring just to break even. Working a deal costs something whether it is won or not: overhead divided among all
# deals the team can work. Every figure is a term of the policy, and a manager may change it.

# %%
to_read(terms_of(table.policy))

# %% [markdown]
# ## The won deals that cost money
#
# `share` is the part of the won deals that brought less than the floor, and `short` what they lack to it. Each of
# them was celebrated.

# %%
to_read(below_the_floor(table))

# %% [markdown]
# ## The small-deal trap
#
# Deals by amount, small to large; where nobody wrote an amount down, they stand apart before the last row, which is all
# of them. Small deals are the easiest to win: whoever counts wins takes them first. Compare
# the last column with the cost of a worked deal above: the smallest deals bring less than working them costs. A score
# that predicts *winning* would send sellers straight to them. That is why mlscore predicts **profitable**: won, and
# at or above the floor.

# %%
to_read(size_bands(table)).bar(subset=["won", "profitable"], vmin=0, vmax=1, color="#b3d4e7")

# %% [markdown]
# ## What sellers state, and what comes
#
# The rules compare the profit a seller states with the floor. For each seller's won deals: what he stated, what they
# brought, and `kept`, the one over the other, with the interval chance alone leaves open. Below 1 he hopes too much,
# and the rules accept deals that do not pay. The model learns what came instead.

# %%
to_read(promises(table))

# %% [markdown]
# Next: [02 Retrain, and compare rules and model](02-train-and-compare.ipynb).
