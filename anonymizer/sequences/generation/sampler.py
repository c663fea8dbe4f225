"""Sampling: profiles first, then counts, then event after event for every history that goes on.

Each random number is a hash of (model and seed, entity, step, head), so that a history depends on
nothing but its own number. The networks run in float64: in which company a history is sampled
changes the last digits of their output, which then decide nothing.
"""

import copy
import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import nn

from anonymizer.arrays import FloatArray, IntArray
from anonymizer.sequences.generation.draw import draw, forbid
from anonymizer.sequences.generation.walk import Pen, Walk
from anonymizer.sequences.histories.draws import FURTHER, uniforms
from anonymizer.sequences.histories.roles import pick
from anonymizer.sequences.network.count_network import LATENTS, known_of
from anonymizer.sequences.network.stepping import Stepper
from anonymizer.sequences.priors.apart import Apart
from anonymizer.sequences.priors.arrivals import Arrivals
from anonymizer.sequences.priors.counts import Counts
from anonymizer.sequences.priors.frequencies import Frequencies
from anonymizer.sequences.priors.prior import Outline
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.tokens.encoded import Encoded
from anonymizer.sequences.tokens.profile import Span
from anonymizer.sequences.tokens.times import Places
from anonymizer.sequences.training.fit import Networks

EVENTS_AT_ONCE = 1_000_000
HISTORIES_AT_ONCE = (128, 16_384)  # histories at once, at least and at most
WALKING = 512  # histories that walk together: what a step needs stays near the processor
PROBABILITIES_AT_ONCE = 40_000_000  # probabilities of one head that are held at once
PROPOSALS = 64  # profiles to choose from, where something is given
PROFILES, SPANS, COUNTS, EVENTS = 0, 1, 2, 3  # steps of the random numbers; events go on from there
CHOICES = 1 << 40  # steps of the proposals, beyond all events
OF_ONE_PROFILE = 10  # tries in a row: were short histories preferred, all would be shorter


@dataclass(frozen=True)
class Given:
    """What is given of B histories before they are sampled.

    Attributes:
        profile: (B, P) tokens, −1 where they are free.
        past: events that have happened; None where there are none.
    """

    profile: IntArray
    past: Encoded | None = None


@dataclass(frozen=True)
class Sampler:
    """Everything that sampling needs: what was learned of the data, and the trained networks.

    Attributes:
        priors: of the model.
        networks: in float64.
        rows: histories that are sampled at once, so that memory stays bounded.
        salt: of the weights. Two models, of the customers of this month and of the last say, must
            not share draws: what differs between their samples would tell who came or left.
    """

    priors: Priors
    networks: Networks
    rows: int
    salt: int

    @classmethod
    def of(cls, priors: Priors, networks: Networks, mean_length: float) -> "Sampler":
        """Copies of trained networks; the longer histories are, the fewer at once."""
        most = min(
            EVENTS_AT_ONCE / mean_length, PROBABILITIES_AT_ONCE / max(priors.codec.head_sizes)
        )
        rows = min(max(int(most), HISTORIES_AT_ONCE[0]), HISTORIES_AT_ONCE[1])
        precise = copy.deepcopy(networks)
        for network in precise.named.values():
            network.double().eval()
        return cls(priors, precise, rows, _digest(*networks.named.values()))

    @property
    def rows_given(self) -> int:
        """Histories at once where their past is given: many proposals of each are weighed."""
        return max(
            1, min(self.rows, PROBABILITIES_AT_ONCE // (PROPOSALS * self.priors.of(Counts).size))
        )

    @torch.inference_mode()
    def block(
        self, entity: IntArray, seed: int, given: Given | None = None
    ) -> tuple[Encoded, FloatArray]:
        """The histories of (B,) numbers of entities, and (N, J) numbers to decode them with.

        Where a past is given they begin with it. A number of `FURTHER` or more is a further try.
        """
        seed, tried = (seed + self.salt) % 2**64, entity // FURTHER
        profiles, span = self._given_profiles(
            entity - tried % OF_ONE_PROFILE * FURTHER, seed, given
        )
        past = None if given is None else given.past
        counts = self._counts(entity, span, seed, past)
        return self._histories(Outline(entity, profiles, span, counts), seed, past)

    # Profile.

    def _given_profiles(
        self, entity: IntArray, seed: int, given: Given | None
    ) -> tuple[IntArray, Span]:
        """Draw (B, P) profiles, and the spans that they stand for."""
        if given is None:
            free = np.full((len(entity), len(self.priors.codec.profile.sizes)), -1)
            return self._profiles(entity, PROFILES, SPANS, seed, free)[:2]
        # Importance resampling: of several that are drawn with the given tokens put in, one is
        # chosen by how well the given tokens, and the past, fit to it.
        drawn = [
            self._profiles(entity, CHOICES + 2 * c, CHOICES + 2 * c + 1, seed, given.profile)
            for c in range(PROPOSALS)
        ]
        fit = np.stack([each[2] for each in drawn], 1)  # (B, proposals)
        if given.past is not None:
            fit += np.stack([self._fit(each[1], given.past) for each in drawn], 1)
        best = draw(torch.from_numpy(fit), uniforms(seed, entity, CHOICES - 1, 1)[:, 0])
        rows = np.arange(len(entity))
        profiles = np.stack([each[0] for each in drawn], 1)[rows, best]
        span = Span(
            *(np.stack(each, 1)[rows, best] for each in zip(*(d[1] for d in drawn), strict=True))
        )
        return profiles, span if given.past is None else _after(span, given.past)

    def _profiles(
        self, entity: IntArray, step: int, spread: int, seed: int, given: IntArray
    ) -> tuple[IntArray, Span, FloatArray]:
        """(B, P) tokens, what they mean, and (B,) log-probability of the given ones."""
        network, tokens, earlier = self.networks.profiles, list[IntArray](), None
        chain = network.chain
        uniform = uniforms(seed, entity, step, given.shape[1])
        first, fit = chain.first(network.start(len(entity))), np.zeros(len(entity))
        forbidden = self.priors.of(Frequencies).forbidden_profile
        for r, (table, base) in enumerate(zip(network.tables, network.bases, strict=True)):
            rows = table()
            logits = chain.logits(r, chain.query(r, first, earlier), rows) + base
            logits = self.priors.of(Apart).veto_profile(r, logits, tokens)
            drawn, is_given = draw(forbid(logits, forbidden[r]), uniform[:, r]), given[:, r] >= 0
            own = torch.from_numpy(np.where(is_given, given[:, r], drawn))
            if is_given.any():
                chance = torch.log_softmax(logits.double(), -1).gather(-1, own[:, None])[:, 0]
                fit += np.where(is_given, chance.numpy(), 0)
            tokens.append(own.numpy())
            earlier = chain.after(r, own, rows, earlier)
        profiles = np.stack(tokens, 1)
        places = uniforms(seed, entity, spread, 4)
        return (
            profiles,
            self.priors.codec.profile.decode(profiles, places, self.priors.codec.timeline),
            fit,
        )

    def _fit(self, span: Span, past: Encoded) -> FloatArray:
        """(B,) log-likelihood of when the past happened, were these the profile of the whole.

        Of v visits the first and the last are pinned to their days; the others are uniform in
        operational time. Impossible ones get −1e6.
        """
        busy = self.priors.of(Arrivals).bridge.busy.numpy()
        seen, last = past.span.visits, past.span.last
        begin = busy[past.span.first]
        whole = np.maximum(busy[np.maximum(span.last, last) + 1] - begin, 1e-9)
        rest = np.clip(1 - (busy[last + 1] - begin) / whole, 1e-9, 1)
        to_come = span.visits - seen
        possible = (to_come >= 1) & (span.last >= last) & (span.length > past.span.length)
        v = torch.from_numpy(np.maximum(span.visits, seen + 1).astype(np.float64))
        # Of the visits between; the others follow at once.
        spread = 1 - self.priors.of(Arrivals).sessions
        later = v - torch.from_numpy(seen)
        ways = torch.lgamma(1 + (v - 2) * spread) - torch.lgamma(1 + (later - 1) * spread)
        fit = ways.numpy() + spread * ((to_come - 1) * np.log(rest) - (seen - 1) * np.log(whole))
        return np.where(possible, fit, -1e6)

    # Counts.

    def _counts(self, entity: IntArray, span: Span, seed: int, past: Encoded | None) -> IntArray:
        """(B, S) classes that add up to each history's events or visits, where they are told."""
        counting = self.priors.of(Counts)
        counts, told = np.zeros((len(entity), counting.size), np.int64), counting.has(span)
        if not told.any():
            return counts
        own, s = np.flatnonzero(told), pick(span, told)
        used = np.zeros((len(own), counting.size), np.int64) if past is None else past.counts[own]
        alphas = self._alphas(entity[own], s, seed, used)
        lines, visits = s.length, s.visits
        if past is not None:
            lines = lines - past.span.length[own]
            visits = visits - past.span.visits[own]
        blocks = list(
            zip(counting.blocks, counting.but_first, alphas, counting.single, strict=True)
        )
        for i, e in enumerate(own):
            rng = np.random.default_rng((seed, COUNTS, int(entity[e])))
            for (start, stop), but_first, alpha, constant in blocks:
                total = lines[i] if start < counting.of_fields else visits[i]
                total -= past is None and but_first
                had = used[i, start:stop]
                share = _dirichlet(rng, alpha[i] + had)
                # The mixture is too smooth to know that hardly anybody ever changes.
                if rng.random() < constant and np.count_nonzero(had) < 2:
                    share = np.arange(stop - start) == np.argmax(had if had.any() else share)
                counts[e, start:stop] = rng.multinomial(total, share)
        counts[own] += used
        return counts

    def _alphas(self, entity: IntArray, span: Span, seed: int, used: IntArray) -> list[FloatArray]:
        """Per block (B, V), the Dirichlet of each history's classes, given those used."""
        network = self.networks.counts
        assert network is not None
        known = known_of(span, self.priors.codec.timeline.days)
        proposals = PROPOSALS if used.any() else 1
        drawn, fits, had = [], [], torch.from_numpy(used).double()
        for c in range(proposals):
            step = COUNTS if proposals == 1 else CHOICES + 2 * PROPOSALS + c
            z = network.latent(uniforms(seed, entity, step, LATENTS + 1))
            alphas = network.alphas(z, known)
            drawn.append(alphas.double().numpy())
            fits.append(network.likelihood(alphas, had))
        best = draw(torch.stack(fits, 1), uniforms(seed, entity, CHOICES - 2, 1)[:, 0])
        chosen = np.stack(drawn, 1)[np.arange(len(entity)), best]  # (B, S)
        counting = self.priors.of(Counts)
        chosen[:, counting.banned] = 0
        return [chosen[:, a:b] for a, b in counting.blocks]

    # Events.

    @cached_property
    def pen(self) -> Pen:
        """Writes events."""
        return Pen(self.priors, Stepper(self.networks.events))

    def _histories(
        self, outline: Outline, seed: int, past: Encoded | None
    ) -> tuple[Encoded, FloatArray]:
        """Event after event, some histories at a time.

        Those of similar length walk together, the longest first, so that the live ones stay in
        front and few are left alone at the end.
        """
        offsets = np.concatenate([[0], np.cumsum(outline.span.length)])
        shape = int(offsets[-1]), len(self.priors.codec.head_sizes)
        tokens, spread = np.empty(shape, np.int64), np.empty(shape)
        places = Places(np.empty(shape[0], np.int64), np.empty(shape[0], np.int64))
        order = np.argsort(-outline.span.length, kind="stable")
        # Products of a step are so small that threads would wait for each other most of the time.
        one_thread = threadpool_limits(1, user_api="blas")
        with one_thread, np.errstate(over="ignore", invalid="ignore"):  # of odds; see `chosen`
            for start in range(0, len(order), WALKING):
                some = order[start : start + WALKING]
                before = None if past is None else past.select(some)
                walk = Walk(self.pen, pick(outline, some), before)
                for step in range(walk.steps):
                    live = walk.live(step)
                    u = uniforms(seed, walk.outline.entity[:live], EVENTS + step, 2 * shape[1])
                    event, at = walk.step(step, u), offsets[some[:live]] + step
                    tokens[at], spread[at] = event.tokens, u[:, shape[1] :]
                    places.day[at], places.unit[at] = event.day, event.unit
        found = Encoded(tokens, places, offsets, outline.profile, outline.span, outline.counts)
        return found, spread


def _dirichlet(rng: np.random.Generator, alpha: FloatArray) -> FloatArray:
    """(V,) shares; where all of alpha is small nearly everything falls to one."""
    # A gamma variate of a small shape underflows, its logarithm does not: that of shape + 1, plus
    # log(u) / shape (Marsaglia and Tsang 2000).
    more = np.log(rng.random(len(alpha))) / np.maximum(alpha, 1e-300)
    log = np.log(rng.standard_gamma(alpha + 1)) + more
    share = np.exp(log - log.max())
    found: FloatArray = share / share.sum()
    return found


def _digest(*networks: nn.Module) -> int:
    """Hash all weights of networks to 64 bits."""
    found = hashlib.sha256()
    for network in networks:
        for weight in network.state_dict().values():
            found.update(weight.cpu().numpy().tobytes())
    return int.from_bytes(found.digest()[:8], "little")


def _after(span: Span, past: Encoded) -> Span:
    """Spans that leave room for the past and one visit more, whatever was drawn."""
    visits = np.maximum(span.visits, past.span.visits + 1)
    extra = np.maximum(span.length - span.visits, past.span.length - past.span.visits)
    last = np.maximum(span.last, past.span.last)
    return Span(visits, visits + extra, past.span.first, last)
