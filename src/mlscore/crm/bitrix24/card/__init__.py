"""The card of an item: what it shows of an answer, how that is written there, and when the item moves on."""
