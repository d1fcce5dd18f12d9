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
# # 03 Move a threshold and replay history
#
# A lead is **Fire** when the client meets every criterion of the policy and asks for what the firm supplies. One
# criterion is more than 3 tonnes of steam an hour. Is 3 the right number? Every deal is kept as it was when it was
# scored, so the policy can be changed and the history judged again.
#
# **The history is simulated**: no such firm exists.

# %%
from training.hindsight import replay, try_thresholds, with_threshold
from training.playground import simulated_firm
from training.tables import to_read

with simulated_firm(deals=1_500, seed=20) as firm:
    policy = firm.policy
    asked = firm.store.asked.deals(firm.firm)

to_read(policy.criteria)

# %% [markdown]
# ## From 3 to 2 tonnes an hour

# %%
looser = with_threshold(policy, "steam", 2.0)
found = replay(asked, policy, looser)

f"Fire: {found.fire_before} of {found.deals} deals before, {found.fire_after} after"

# %% [markdown]
# The deals that become Fire, and what became of them. `profit` is what those that have closed brought; `after work`
# is the same less what working them costs. The bounds are of a 90 % bootstrap interval: with so few deals, one large
# order more or less moves the sum that far. If `after work` and both its bounds are above 0, the firm would have
# earned by treating them as Fire.

# %%
to_read(found.gained)

# %% [markdown]
# What else changes: verdicts before and after. Where the seller's figure is below the floor, Fire does not help.

# %%
to_read(found.verdicts)

# %% [markdown]
# ## Other numbers
#
# The same for several thresholds. `gained` are deals that become Fire against the policy in force, `lost` those that
# no longer are; what the lost ones brought is what a stricter policy would have turned away.

# %%
to_read(try_thresholds(asked, policy, "steam", [1.0, 2.0, 3.0, 4.0, 5.0]))

# %% [markdown]
# ## Annual turnover, in roubles

# %%
to_read(try_thresholds(asked, policy, "turnover", [5e8, 7e8, 1e9, 1.5e9]))

# %% [markdown]
# What a replay cannot say: deals that were turned away have no outcome, so of them only the number is known. And the
# deals that did close were worked under the old policy. To put a policy to work, change it in its document and
# `mlscore policy apply FILE --why "..."`: the next retraining learns under it, and every answer says which policy it
# used.
