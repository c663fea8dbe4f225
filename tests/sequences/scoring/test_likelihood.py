"""How likely whole histories are to a model."""

import numpy as np
import polars as pl
import pytest
import torch
from polars.testing import assert_frame_equal

from anonymizer.errors import DataError
from anonymizer.sequences.histories.roles import read_histories
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.tokens import heads
from anonymizer.sequences.tokens.heads import FIELDS
from tests.sequences.model.test_privacy import losses
from tests.sequences.stub import untrained


@pytest.mark.parametrize("large_from", [heads.LARGE, 8])
def test_the_loss_is_that_of_training(
    shop: pl.DataFrame, monkeypatch: pytest.MonkeyPatch, large_from: int
) -> None:
    """In batches what the loss of training says one by one, with that of profiles, per event."""
    monkeypatch.setattr(heads, "LARGE", large_from)
    model = untrained(shop)
    assert model.priors.large == ([FIELDS] if large_from == 8 else [])
    histories = read_histories(shop, model.codec.roles)
    profile = torch.from_numpy(model.priors.encode(histories).profile)
    of_profile = model.networks.profiles(profile)[1].sum(1).detach().numpy()
    expected = (losses(model, shop) + of_profile) / histories.lengths
    found = model.loss(shop)
    assert found["customer"].to_list() == shop["customer"].unique().sort().to_list()
    assert np.allclose(found["loss"].to_numpy(), expected, rtol=1e-4)


def test_a_loss_does_not_depend_on_the_others(shop: pl.DataFrame, model: SequenceModel) -> None:
    """Nor on the order of the rows; rows of nobody are left out."""
    every = model.loss(shop)
    few = model.loss(shop.filter(pl.col("customer") < 7))
    assert_frame_equal(few, every.head(7), rel_tol=1e-5)
    nobody = shop.head(3).with_columns(customer=pl.lit(None, pl.Int64))
    untied = shop.unique(["customer", "time"], keep="first", maintain_order=True)
    mixed = pl.concat([untied, nobody]).sample(fraction=1, shuffle=True, seed=1)
    assert_frame_equal(model.loss(mixed), model.loss(untied), rel_tol=1e-5)


def test_what_has_no_likelihood_is_refused(shop: pl.DataFrame, model: SequenceModel) -> None:
    """No column, no event."""
    with pytest.raises(DataError, match="no column 'item'"):
        model.loss(shop.drop("item"))
    with pytest.raises(DataError, match="no event"):
        model.loss(shop.head(0))
