"""What a recipe says about the training itself: the tables [training] and [[training.stages]]."""

from __future__ import annotations

from dataclasses import dataclass, field

from streamsep.errors import ParameterError

SCHEDULES = ("cosine", "plateau", "constant")
"""How a rate falls over a stage; see `streamsep_offline.training.optimise`."""

OPTIMIZERS = ("adamw", "muon")
"""What moves the weights; see `streamsep_offline.training.optimise`."""

PRECISIONS = ("32-true", "bf16-mixed")
"""Of the arithmetic; the weights are float32 in all of them."""


@dataclass(frozen=True)
class Stage:
    """A part of the training; it starts from the best weights so far.

    Attributes:
        steps: Count of steps.
        rate: Learning rate of all weights.
        rates: Learning rates by group of weights, instead of `rate`; a group left out stays as it is.
        schedule: One of `SCHEDULES`.
    """

    steps: int
    rate: float = 0.0
    rates: dict[str, float] = field(default_factory=dict)
    schedule: str = "cosine"

    def rate_of(self, group: str) -> float:
        """Learning rate of a group of weights; 0 leaves it as it is."""
        return self.rates.get(group, 0.0) if self.rates else self.rate


@dataclass(frozen=True)
class Training:
    """How a model is trained.

    Attributes:
        stages: In order.
        batch: Examples per step, over all devices.
        accumulate: Parts that a batch is computed in, one after the other, to save memory.
        check_every: Steps between looks at the select list.
        seeds: One run for each; the best by its select loss is kept.
        optimizer: One of `OPTIMIZERS`.
        weight_decay: Decoupled; AdamW with 0 is Adam.
        betas: Memories of AdamW.
        warm_up_steps: Over which rates rise, at the start of each stage.
        clip_norm: Greatest norm of the gradient; 0 clips nothing.
        clip_percentile: AutoClip: clip at this percentile of all norms so far instead; 0 does not.
        average: Decay per step of an exponential average of the weights, which is what is checked
            and kept; 0 keeps the weights themselves.
        patience: Checks without a better select loss after which a stage ends early; 0 never.
        plateau_patience: Checks without a better one after which the schedule "plateau" lowers rates.
        plateau_factor: By how much.
        pieces: Pieces that an example is cut into; a causal network carries its state from one to the
            next, the gradient does not go back (truncated back-propagation through time).
        precision: One of `PRECISIONS`.
        save_minutes: Minutes between checkpoints besides those of the checks.
    """

    stages: tuple[Stage, ...]
    batch: int = 8
    accumulate: int = 1
    check_every: int = 100
    seeds: tuple[int, ...] = (1,)
    optimizer: str = "adamw"
    weight_decay: float = 0.0
    betas: tuple[float, float] = (0.9, 0.999)
    warm_up_steps: int = 20
    clip_norm: float = 1.0
    clip_percentile: float = 0.0
    average: float = 0.0
    patience: int = 0
    plateau_patience: int = 5
    plateau_factor: float = 0.3
    pieces: int = 1
    precision: str = "32-true"
    save_minutes: float = 5.0

    def __post_init__(self) -> None:
        counts = ("batch", "accumulate", "check_every", "pieces")
        limits = [(name, getattr(self, name) >= 1, "at least 1") for name in counts]
        limits += [
            (f"stages[{i}].steps", s.steps >= 1, "at least 1") for i, s in enumerate(self.stages)
        ]
        limits += [
            ("stages", len(self.stages) > 0, "at least one [[training.stages]]"),
            ("seeds", len(self.seeds) > 0, "at least one"),
            ("seeds", len(set(self.seeds)) == len(self.seeds), "each once"),
            ("seeds", all(seed >= 0 for seed in self.seeds), "0 or more"),
            ("patience", self.patience >= 0, "0 or more"),
            ("plateau_patience", self.plateau_patience >= 1, "at least 1"),
            ("clip_norm", self.clip_norm >= 0.0, "0 or more"),
            ("weight_decay", self.weight_decay >= 0.0, "0 or more"),
            ("betas", all(0.0 <= beta < 1.0 for beta in self.betas), "0 to below 1"),
            ("average", 0.0 <= self.average < 1.0, "0 to below 1"),
            ("clip_percentile", 0.0 <= self.clip_percentile <= 100.0, "0 to 100"),
            ("plateau_factor", 0.0 < self.plateau_factor < 1.0, "between 0 and 1"),
            ("optimizer", self.optimizer in OPTIMIZERS, f"one of {', '.join(OPTIMIZERS)}"),
            ("precision", self.precision in PRECISIONS, f"one of {', '.join(PRECISIONS)}"),
            ("accumulate", self.batch % self.accumulate == 0, f"a divisor of batch={self.batch}"),
        ]
        limits += [
            (f"stages[{i}].schedule", s.schedule in SCHEDULES, f"one of {', '.join(SCHEDULES)}")
            for i, s in enumerate(self.stages)
        ]
        for name, holds, expected in limits:
            if not holds:
                value = getattr(self, name, "what it is")
                raise ParameterError(f"training.{name} is {value}, expected {expected}")

    @property
    def n_steps(self) -> int:
        """Steps of all stages."""
        return sum(stage.steps for stage in self.stages)
