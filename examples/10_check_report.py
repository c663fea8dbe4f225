"""Judge synthetic histories, whoever made them: what they kept, and what they give away.

So short a training leaves much to be said; the page says what each figure is.
"""

from pathlib import Path

import polars as pl
from made_up import orders

from anonymizer import SequenceModel, check

folder = Path("examples-output", "10")
folder.mkdir(parents=True, exist_ok=True)
events = orders()
learned = pl.col("customer_id") % 2 == 0
train, holdout = events.filter(learned), events.filter(~learned)  # the generator never sees these
model = SequenceModel.fit(train, entity="customer_id", time="ordered", max_epochs=5)
report = check(
    real=train,
    synthetic=model.sample(72, seed=0),
    holdout=holdout,
    entity="customer_id",
    time="ordered",
)
report.write_html(folder / "report.html")
print(f"verdict: {report.verdict}; not green:")
for name, figure in {**report.utility, **report.privacy}.items():
    if figure.colour in {"amber", "red"}:
        print(f"  {name}: {figure.estimate.value:.3f}")
