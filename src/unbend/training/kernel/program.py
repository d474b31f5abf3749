"""Everything that the machine code of a population depends on, and nothing else: the numbers come with each job."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from unbend.activations.activation import Activation
from unbend.activations.text import to_text
from unbend.network.network import Network
from unbend.training.kernel.numbers import slot_count
from unbend.training.kernel.plan import Plan, make_plan
from unbend.training.recipe import Recipe


@dataclass(frozen=True)
class Program:
    """A memory plan, the hidden layers' activations, and which branches of loss and optimiser are taken."""

    plan: Plan
    activations: tuple[Activation, ...]
    loss: str
    optimizer: str
    momentum: bool
    nesterov: bool
    weight_decay: bool
    l1: bool

    @property
    def name(self) -> str:
        """A text that two programs share only if their machine code is the same; it names this compiler as well."""
        formulas = [to_text(activation.expression) for activation in self.activations]
        branches = (self.loss, self.optimizer, self.momentum, self.nesterov, self.weight_decay, self.l1)
        return repr((self.plan, formulas, branches, compiler_digest()))


def program_of(network: Network, recipe: Recipe, batch: int, lanes: int, registers: int = 16) -> Program:
    """The program that trains networks of this shape; ``batch`` is at most the number of rows."""
    return Program(
        plan=make_plan(network.widths, batch, lanes, slot_count(recipe), registers),
        activations=network.activations,
        loss=recipe.loss,
        optimizer=recipe.optimizer,
        momentum=recipe.momentum > 0,
        nesterov=recipe.nesterov,
        weight_decay=recipe.weight_decay > 0,
        l1=recipe.l1 > 0,
    )


@cache
def compiler_digest() -> str:
    """SHA-256 of the sources that make machine code, so that a changed compiler never meets its old work."""
    rooms = (files("unbend") / room for room in ("activations", "training", "training/kernel"))
    sources = sorted((path.name, path.read_bytes()) for room in rooms for path in room.iterdir() if path.is_file())
    return hashlib.sha256(repr(sources).encode()).hexdigest()
