"""The feed of live scores, the webhooks that are told of them, and what is still to be told."""

from mlscore.store.feed.deliveries import SqlDeliveries
from mlscore.store.feed.numbering import SqlFeed
from mlscore.store.feed.webhooks import SqlWebhooks

__all__ = ["SqlDeliveries", "SqlFeed", "SqlWebhooks"]
