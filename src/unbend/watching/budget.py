"""When to look, so that looking costs a set share of training and no more; it measures its own cost to know."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Literal

from unbend.errors import UnbendError

Every = int | Literal["auto"]
TARGET = 0.035  # of training time; the rest of the ceiling of 5 % is for looks that take longer than expected
FORGETTING = 0.9
ALL_CHECKED = 100
IDLE = 0.01  # of the time since the start, for steps that are checked for NaN and not looked at
DENSE = 10  # steps from the start that are all looked at, if they can be paid
GROWTH = 1.02  # then the next look is this much later
GRACE = 0.25  # seconds, beside those before the first step, that a training too short for its share is watched
SPARSE = 1.25  # the next look by this grace is this much later


@dataclass(frozen=True)
class Overhead:
    """What watching cost: seconds of training and of watching, ``setup_seconds`` of them before the first step."""

    steps: int
    samples: int
    training_seconds: float
    watching_seconds: float
    setup_seconds: float
    every: Every

    @property
    def share(self) -> float:
        """Of training time; NaN before any."""
        return self.watching_seconds / self.training_seconds if self.training_seconds > 0 else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """By name, ready for JSON."""
        share = self.share if self.training_seconds > 0 else None
        return {**{key: getattr(self, key) for key in self.__dataclass_fields__}, "share": share}


@dataclass
class Budget:
    """A clock that tells training from watching, and the decision whether a step can be looked at.

    >>> now = iter([0.0, 0.0, 1.0, 101.0])
    >>> budget = Budget("auto", lambda: next(now))
    >>> budget.start()
    >>> with budget.watching():  # takes one second
    ...     budget.cost = 1.0
    >>> budget.due(1)  # 100 seconds of training later: this look and the last one still fit into 3.5 %
    True
    """

    every: Every = "auto"
    clock: Callable[[], float] = perf_counter
    cost: float = 0.0
    spent: float = 0.0
    setup: float = 0.0
    _since: float = field(default=0.0, repr=False)
    _elapsed: float = field(default=0.0, repr=False)
    _inside: float = field(default=0.0, repr=False)
    _idle: float = field(default=0.0, repr=False)
    _next: int = field(default=1, repr=False)
    _looked: int = field(default=0, repr=False)
    _running: bool = field(default=False, repr=False)

    def __post_init__(self) -> None:
        """Check ``every``."""
        every: Any = self.every
        if every != "auto" and (not isinstance(every, int) or isinstance(every, bool) or every < 1):
            raise UnbendError(f"every={every!r} must be 'auto' or a whole number of steps from 1 on")

    def start(self) -> None:
        """Training goes on from here."""
        self._since, self._running = self.clock(), True

    def stop(self) -> None:
        """Training has ended, or pauses."""
        self._elapsed += self.clock() - self._since
        self._running = False

    @contextmanager
    def watching(self) -> Generator[None]:
        """Time inside belongs to watching."""
        begun = self.clock()
        try:
            yield
        finally:
            self.spend(begun)

    def spend(self, begun: float) -> None:
        """The time since ``begun`` on the clock was watching; what every step calls does without a context."""
        took = self.clock() - begun
        self.spent += took
        if self._running:
            self._inside += took

    def idled(self, begun: float) -> None:
        """A step was only checked, since ``begun``."""
        self._idle += self.clock() - begun

    def is_quiet(self, step: int, now: float) -> bool:
        """Whether a step is not even checked: after the first hundred, where checks alone would cost over 1 %."""
        if self.every != "auto" or step <= ALL_CHECKED:
            return False
        return self._idle > IDLE * (self._elapsed + now - self._since)

    def looked(self, seconds: float) -> None:
        """A look took so long; the next is expected to take as long as the longest of the last ones."""
        self.cost = max(seconds, FORGETTING * self.cost)

    @property
    def training(self) -> float:
        """Seconds of training so far."""
        running = self.clock() - self._since if self._running else 0.0
        return max(0.0, self._elapsed + running - self._inside)

    def due(self, step: int) -> bool:
        """Whether to look at this step; "auto" keeps the means for one more look, the last one."""
        if self.every != "auto":
            return step % self.every == 0
        if step < self._next:
            return False
        needed = self.spent + 2 * self.cost
        in_grace = needed - self.setup <= GRACE and step >= SPARSE * self._looked
        if needed > TARGET * self.training and not in_grace:
            return False
        self._looked = step
        self._next = max(step + 1, int(step * GROWTH)) if step > DENSE else step + 1
        return True

    def overhead(self, steps: int, samples: int) -> Overhead:
        """The account so far."""
        return Overhead(steps, samples, self.training, self.spent, self.setup, self.every)
