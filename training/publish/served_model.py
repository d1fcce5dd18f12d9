"""The bundle as MLflow loads it (models-from-code), for its batch and Spark tools; the service does not use it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from mlscore.registry import load_bundle
from mlscore.scoring.verdict import judge
from training.publish.rows import deals_of


class ServedModel(PythonModel):
    """Answers a frame of facts, one row a deal: probability, its 90 % interval, expected_profit, whether it abstains.

    Expected profit is in minor units, as money in the rows is; the model's metadata has every unit. MLflow itself
    refuses whole numbers: `frame.astype({"steam_tph": float})`. Where the model abstains the rules decide.
    What the firm's track record says of a deal stands in columns named as the features are (`track_client_rate`); the
    service works it out, and here whoever sends the rows. Left out, it is unknown.
    """

    def load_context(self, context: PythonModelContext) -> None:
        """Read the bundle."""
        self.model = load_bundle(Path(context.artifacts["bundle"]), version="mlflow")

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Answer every row."""
        del context, params
        deals = deals_of(model_input, self.model.policy)
        answers = self.model.answers(deals, judged=judge(deals, self.model.policy))
        low, high = answers.interval
        columns = {"probability": answers.probability, "low": low, "high": high}
        return pd.DataFrame(columns | {"expected_profit": answers.expected_profit, "abstained": answers.abstains})


mlflow.models.set_model(ServedModel())
