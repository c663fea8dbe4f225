"""Learn event histories, and sample those of customers who do not exist."""

from pathlib import Path
from shutil import rmtree

from made_up import orders

from anonymizer import SequenceModel

folder = Path("examples-output", "09")
rmtree(folder, ignore_errors=True)
model = SequenceModel.fit(
    orders(),  # a row per event
    entity="customer_id",
    time="ordered",
    max_epochs=5,  # for a first look; without it training ends when it helps no more
)
print(model.told)  # what each column was taken for
print(model.sample(100, seed=0).head(3))
folder.mkdir(parents=True)
model.save(folder / "model")  # share samples, not the model: it knows more than they show
