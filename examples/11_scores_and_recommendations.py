"""The same model says how strange events are, and what an entity is likely to do next."""

import polars as pl
from made_up import orders

from anonymizer import SequenceModel

events = orders()
learned = pl.col("customer_id") % 4 > 0
model = SequenceModel.fit(
    events.filter(learned), entity="customer_id", time="ordered", max_epochs=5
)
scored = model.score(events.filter(~learned), alert_rate=0.01)  # one of a hundred events
print(scored.filter("alert").head(3))
print(model.recommend(events.filter(~learned), field="article", top=2).head(4))
