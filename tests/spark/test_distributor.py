"""A model that Spark's own distributor of torch trains."""

from pathlib import Path

import pytest
from pyspark.ml.torch.distributor import TorchDistributor

from anonymizer.sequences.model.sequence_model import SequenceModel
from tests.sequences.conftest import make_shop


def fit(events: str, model: str) -> str:
    """What each process does."""
    import polars as pl  # (it is sent without what stands around it)

    from anonymizer import SequenceModel

    fitted = SequenceModel.fit(
        pl.scan_parquet(events), entity="customer", time="time", max_epochs=1
    )
    fitted.save(model)
    return repr(fitted)


@pytest.mark.usefixtures("spark")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # its own pipes
def test_two_processes_of_spark_train_one_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one writes it, and what it returns comes back."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    events, model = tmp_path / "shop.parquet", tmp_path / "model"
    make_shop().write_parquet(events)
    distributor = TorchDistributor(num_processes=2, local_mode=True, use_gpu=False)
    said = distributor.run(fit, str(events), str(model))
    assert said == repr(SequenceModel.load(model))
