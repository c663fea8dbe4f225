"""`reveal_dataset`: the way back from masked tables, for whoever holds the key."""

from anonymizer.datasets.description.dataset import DatasetSource, load_dataset
from anonymizer.datasets.masked.tables import masked_again
from anonymizer.errors import RuleError
from anonymizer.keys import KeySource, load_key
from anonymizer.masking.run.files import revealing
from anonymizer.staging import no_wider_than
from anonymizer.storage import Address


def reveal_dataset(
    dataset: DatasetSource,
    target: Address,
    *,
    key: KeySource | None = None,
    overwrite: bool = False,
) -> dict[str, list[str]]:
    """Undo `encrypt` and `fpe` in the masked tables of a dataset; all of them appear, or none.

    Foreign keys are revealed as the keys that they refer to. The raw tables are not read.

    Args:
        dataset: as `mask_dataset` took it; its masked tables are read.
        target: a folder, an `s3://` prefix or a store. It holds raw data.
        key: the secret that they were masked with, or a callable that gives it; else the
            environment variable.
        overwrite: whether tables that are there may be replaced.

    Returns:
        Table → the columns that were revealed. The other columns are as they were masked.

    Raises:
        UsageError: something about the call is wrong, or the key is another one.
        AnonymizerError: the run failed; nothing is left of it.

    Example:
        >>> reveal_dataset("dataset.yaml", "revealed")  # doctest: +SKIP
        {'customers': ['id', 'card'], 'orders': ['buyer']}
    """
    loaded, secret = load_dataset(dataset), load_key(key)
    with no_wider_than(mode=0o600), masked_again(loaded, target) as masked:
        anew = {
            table: revealing(each, masked.rules[table], secret)
            for table, each in masked.tables.items()
        }
        revealed = {table: each.revealed for table, each in anew.items() if each.revealed}
        if not revealed:
            raise RuleError(
                loaded.name, ["no column is masked by encrypt or fpe: there is nothing to reveal"]
            )
        masked.rewrite(anew, overwrite=overwrite)
    return revealed
