"""Fit under differential privacy: whatever leaves the fit is paid for, and the unit is the person.

Needs the extra `privacy`.
"""

from made_up import orders

from anonymizer import SequenceModel

model = SequenceModel.fit(
    orders(8000, people=2000),
    entity="customer_id",
    time="ordered",
    fields=["article", "amount"],
    context=[],  # must be named: to find it would cost
    max_epochs=2,
    epsilon=3,
    delta=1e-5,
)
print(model.describe())  # what of the budget each part took
print(model.sample(100, seed=0).head(3))
