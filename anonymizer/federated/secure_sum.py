"""Sums of vectors of the sites of which the server learns nothing but the sums.

Every two sites share a secret (X25519; the public keys travel under the seal, so that the server
cannot put its own in their place). From it follows a mask for each turn, which one of the two adds
and the other subtracts, modulo 2³²: in the sum of all sites the masks cancel, and any part of the
vectors is uniformly random to who lacks the masks. This is the first half of Bonawitz and others
(2017, Practical secure aggregation). Their second half brings back the sum where a site drops out,
at the price of more messages and of vectors that are sent before it is known who stays. Here a turn
is void if a site drops out, and is trained anew among those left: a site answers a turn once, and
masks depend on who takes part, so a vector is never sent under two sets of sites.

Why not Flower's SecAgg+: it takes four messages a round, and one takes seconds through a SuperNode;
it spends 8 bytes a number; the number of examples and all metrics travel beside it in clear; a site
that drops out early fails the round; and here masks come from a cipher (AES-256 in counter mode).

What it does not hide: the sum itself, hence, where a site truly drops out, the difference between
the means with and without it, of two trainings. All sites but one that pool what they know find the
part of that one in every sum.

Precision: weights are rounded to 2⁻²² after weighting by the site's share, so the mean of n sites
is off by at most n · 2⁻²³, plus float32's own. Weights must be below 500 in size; losses, units and
shares are rounded to 2⁻³⁰, and their sums must stay below 2³³.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from anonymizer.arrays import FloatArray, UnsignedArray, WordArray
from anonymizer.federated.protocol import NotFinite, Update, Weights
from anonymizer.federated.sealing import stream

LARGEST_WEIGHT: Final = 500.0  # shares sum to 1, so sums stay below 2³¹ in units of 2⁻²²
LARGEST_TOTAL: Final = 2.0**33  # of all sites together; in units of 2⁻³⁰
_WEIGHT_UNIT: Final = 2.0**-22
_TOTAL_UNIT: Final = 2.0**-30


@dataclass(frozen=True)
class Layout:
    """What stands where in the vectors of a turn, in the order of names. The server sees it.

    Attributes:
        lengths: how many weights each network has.
        losses: the networks whose losses are told.
    """

    lengths: tuple[tuple[str, int], ...]
    losses: tuple[str, ...]

    @classmethod
    def of(cls, update: Update) -> "Layout":
        """The layout that an update has at every site."""
        lengths = tuple((name, update.weights[name].size) for name in sorted(update.weights))
        return cls(lengths, tuple(sorted(update.losses)))

    @classmethod
    def read(cls, text: str) -> "Layout":
        """The layout that was written."""
        lengths, losses = json.loads(text)
        return cls(tuple((str(name), int(n)) for name, n in lengths), tuple(map(str, losses)))

    def written(self) -> str:
        """As text."""
        return json.dumps([self.lengths, self.losses])

    def fits(self, weights: Weights) -> bool:
        """Whether each network is among these weights, with as many."""
        return all(name in weights and weights[name].size == n for name, n in self.lengths)

    @property
    def size(self) -> int:
        """How many weights there are."""
        return sum(length for _, length in self.lengths)


@dataclass(frozen=True)
class Vectors:
    """What is summed, as integers, of one site or of all.

    Attributes:
        weights: of all networks, times the share of the site, (W,); or named items.
        totals: the share, then nats and units of each loss, (1 + 2 L,); or a table of items.
    """

    weights: WordArray
    totals: UnsignedArray

    @property
    def sizes(self) -> list[int]:
        """How many there are of each."""
        return [self.weights.size, self.totals.size]

    def __add__(self, other: "Vectors") -> "Vectors":
        return Vectors(self.weights + other.weights, self.totals + other.totals)

    def __sub__(self, other: "Vectors") -> "Vectors":
        return Vectors(self.weights - other.weights, self.totals - other.totals)


@dataclass(frozen=True)
class Mean:
    """What the server learns of a turn.

    Attributes:
        weights: the mean over entities, if shares weight it.
        losses: by network, sums of nats and of units over all sites.
        share: of the entities of all sites in the census, those that took part.
    """

    weights: Weights
    losses: dict[str, tuple[float, float]]
    share: float


def vectors(update: Update, share: float, sites: int) -> Vectors:
    """An update as integers whose sums over the sites are exact.

    Raises:
        NotFinite: something is not finite or too large for a sum over so many sites.
    """
    layout = Layout.of(update)
    flat = np.concatenate([np.empty(0), *(update.weights[name] for name, _ in layout.lengths)])
    totals = [share, *(figure for name in layout.losses for figure in update.losses[name])]
    return Vectors(
        _whole(flat, LARGEST_WEIGHT, share / _WEIGHT_UNIT).astype(np.int32).view(np.uint32),
        _whole(np.array(totals), LARGEST_TOTAL / sites, 1 / _TOTAL_UNIT)
        .astype(np.int64)
        .view(np.uint64),
    )


def _whole(values: FloatArray, largest: float, scale: float) -> FloatArray:
    if not (np.abs(values) < largest).all():  # false of NaN
        raise NotFinite(f"a weight or loss is not finite, or {largest:g} or larger in size")
    return np.round(values * scale)


def mean(total: Vectors, layout: Layout) -> Mean:
    """What a sum over sites says, whose masks have cancelled.

    Raises:
        NotFinite: they have not, or sites gave shares that are none.
    """
    share, *losses = (total.totals.view(np.int64) * _TOTAL_UNIT).tolist()
    if not 0 < share < 1 + 1e-6:
        raise NotFinite("the shares of the sites do not sum to a share")
    flat = total.weights.view(np.int32) * (_WEIGHT_UNIT / share)
    return Mean(
        split(flat, layout),
        dict(zip(layout.losses, zip(losses[::2], losses[1::2], strict=True), strict=True)),
        share,
    )


def split(flat: FloatArray, layout: Layout) -> Weights:
    """The weights of each network out of those of all, as float32."""
    ends = np.cumsum([length for _, length in layout.lengths])[:-1]
    parts = np.split(flat.astype(np.float32), ends)
    return dict(zip((name for name, _ in layout.lengths), parts, strict=True))


def new_secret() -> tuple[bytes, bytes]:
    """A secret of a site for one run, and its public half."""
    secret = X25519PrivateKey.generate()
    return secret.private_bytes_raw(), secret.public_key().public_bytes_raw()


def masked(
    own: Vectors, site: str, secret: bytes, publics: Mapping[str, bytes], turn: Sequence[object]
) -> Vectors:
    """The vectors of a site, with a mask added or subtracted for each other site.

    Args:
        own: what is not to be seen.
        site: the name of this one.
        secret: of this one.
        publics: the public halves of all sites that take part, this one among them.
        turn: what makes the masks those of this turn alone, of numbers and texts: run, turn, and
            all that was told.
    """
    private = X25519PrivateKey.from_private_bytes(secret)
    for other, public in publics.items():
        if other == site:
            continue
        shared = private.exchange(X25519PublicKey.from_public_bytes(public))
        context = json.dumps([*turn, sorted(publics), sorted((site, other))]).encode()
        mask = _mask(shared, context, own)
        own = own + mask if site < other else own - mask
    return own


def _mask(shared: bytes, context: bytes, like: Vectors) -> Vectors:
    """What two sites draw from their secret."""
    key = HKDF(hashes.SHA256(), 32, None, b"anonymizer secure sum 1\0" + context).derive(shared)
    drawn = stream(key)
    return Vectors(
        np.frombuffer(drawn.update(bytes(like.weights.nbytes)), np.uint32),
        np.frombuffer(drawn.update(bytes(like.totals.nbytes)), np.uint64),
    )
