"""Small PyTorch models with one planted fault each, their training, and how any remedy is applied to any of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional as F

import unbend as ub
from unbend.network import exact_gain
from unbend.watching import Health, Remedy

torch.set_num_threads(1)


@dataclass(frozen=True, eq=False)
class Setup:
    """A model to be, its data and how it is trained."""

    make: Callable[[], nn.Module]
    x: Tensor
    y: Tensor
    rate: float
    steps: int = 100
    optimizer: type[torch.optim.Optimizer] = torch.optim.SGD
    clip: float | None = None


@dataclass(frozen=True, eq=False)
class Outcome:
    """The diagnosis after training, the one before, and the mean loss and accuracy on all rows."""

    health: Health
    loss: float
    accuracy: float


@dataclass(frozen=True)
class Fault:
    """What is wrong, and what a diagnosis must say first: kind, place (None: the model), how bad, what to try, when."""

    name: str
    setup: Callable[[], Setup]
    kind: str
    places: tuple[str | None, ...]
    severity: str
    action: str
    value: float | None = None
    from_start: bool = True

    def is_told_by(self, health: Health) -> bool:
        """Whether the worst flag of a diagnosis says exactly this."""
        if not health.flags:
            return False
        flag = health.flags[0]
        told = (flag.kind, flag.severity, flag.remedies[0].action, flag.before is None)
        value = flag.remedies[0].value
        same_value = value == self.value or abs(value - self.value) < 1e-9
        return (
            told == (self.kind, self.severity, self.action, self.from_start)
            and same_value
            and flag.place in self.places
        )


def train(setup: Setup, seed: int, every: int = 20) -> Outcome:
    """Train a model of this seed while it is watched."""
    torch.manual_seed(seed)
    model = setup.make().train()
    optimizer = setup.optimizer(model.parameters(), lr=setup.rate)
    with ub.watch(model, probe=setup.x[:128], every=every) as w:
        for _ in range(setup.steps):
            rows = torch.randint(0, len(setup.x), (64,))
            optimizer.zero_grad()
            F.cross_entropy(model(setup.x[rows]), setup.y[rows]).backward()
            if setup.clip is not None:
                nn.utils.clip_grad_norm_(model.parameters(), setup.clip)
            optimizer.step()
    with torch.no_grad():
        scores = model.eval()(setup.x)
    loss, accuracy = F.cross_entropy(scores, setup.y), (scores.argmax(1) == setup.y).double().mean()
    return Outcome(w.health, float(loss), float(accuracy))


def mended(setup: Setup, health: Health) -> Setup:
    """The same, with what the diagnosis says first done: at all places that have the fault of the worst flag."""
    worst = health.flags[0]
    first = {flag.remedies[0] for flag in health.flags if (flag.kind, flag.severity) == (worst.kind, worst.severity)}
    for remedy in sorted(first, key=lambda one: one.place or ""):
        setup = applied(setup, remedy, health)
    return setup


def applied(setup: Setup, remedy: Remedy, health: Health) -> Setup:
    """The same, with what one remedy says done; it reads nothing but the remedy and the names in the diagnosis."""
    places = [one.measure for one in health.layers if remedy.place in (None, one.measure.name)]
    weights = [one.weight for one in places if one.weight is not None]
    change = {
        "initialise": lambda model: _each(model, weights, lambda w, b: _draw(w, b, remedy.value)),
        "orthogonal": lambda model: _each(model, weights, lambda w, b: nn.init.orthogonal_(w, remedy.value)),
        "bias": lambda model: _each(model, weights, lambda w, b: b.data.fill_(remedy.value)),
        "activation": lambda model: _replaced(model, [one.name for one in places], remedy.value),
        "batch_norm": lambda model: _normalised(model, [one.name for one in places]),
    }
    if remedy.action in change:
        return replace(setup, make=lambda: change[remedy.action](setup.make()))
    if remedy.action == "standardise":
        return replace(setup, x=standardised(setup.x))
    if remedy.action == "learning_rate":
        return replace(setup, rate=setup.rate * remedy.value)
    assert remedy.action == "clip"
    return replace(setup, clip=remedy.value)


def standardised(x: Tensor) -> Tensor:
    """Every column of mean 0 and standard deviation 1; a constant one becomes 0."""
    spread = x.std(0)
    return (x - x.mean(0)) / torch.where(spread > 0, spread, 1)


def _each(model: nn.Module, names: list[str], change: Callable[[Tensor, Tensor], object]) -> nn.Module:
    arrays = dict(model.named_parameters())
    for name in dict.fromkeys(names):
        with torch.no_grad():
            change(arrays[name], arrays[name.replace("weight", "bias")])
    return model


def _draw(weight: Tensor, bias: Tensor, gain: float) -> None:
    nn.init.normal_(weight, 0, gain / weight[0].numel() ** 0.5)
    nn.init.zeros_(bias)


def _replaced(model: nn.Module, names: list[str], name: str) -> nn.Module:
    kinds = {"relu": nn.ReLU, "leaky_relu": nn.LeakyReLU, "tanh": nn.Tanh}
    for place in names:
        model.set_submodule(place, kinds[name]())
    return model


def _normalised(model: nn.Module, names: list[str]) -> nn.Module:
    """BatchNorm in front of each of these activations, whose inputs are as wide as their weights say."""
    width = 0
    for place, module in list(model.named_modules()):
        width = module.out_features if isinstance(module, nn.Linear) else width
        if place in names:
            model.set_submodule(place, nn.Sequential(nn.BatchNorm1d(width), module))
    return model


def digits() -> tuple[Tensor, Tensor]:
    """(1797, 64) standardised images of digits, and which digit (1797,)."""
    x, y = load_digits(return_X_y=True)
    return standardised(torch.tensor(x, dtype=torch.float32)), torch.tensor(y)


DIGITS = digits()


def stack(activation: type[nn.Module], depth: int, width: int = 32, gain: float | None = None) -> nn.Sequential:
    """Linear layers from 64 inputs to 10 scores; with a gain, normal weights of that and biases 0."""
    layers = [nn.Linear(a, b) for a, b in pairwise([64, *[width] * depth])]
    if gain is not None:
        for layer in layers:
            with torch.no_grad():
                _draw(layer.weight, layer.bias, gain)
    return nn.Sequential(*(part for layer in layers for part in (layer, activation())), nn.Linear(width, 10))


class Recurrent(nn.Module):
    """Digits pixel group by pixel group, read out at the end; recurrent weights of this gain."""

    def __init__(self, gain: float, steps: int = 16, nonlinearity: str = "relu", width: int = 24):
        super().__init__()
        self.steps = steps
        self.layer = nn.RNN(64 // steps, width, nonlinearity=nonlinearity, batch_first=True)
        self.head = nn.Linear(width, 10)
        nn.init.normal_(self.layer.weight_hh_l0, 0, gain / width**0.5)

    def forward(self, x):
        """(n, 64) -> (n, 10)."""
        return self.head(self.layer(x.reshape(len(x), self.steps, -1))[0][:, -1])


def _shifted() -> nn.Module:
    model = stack(nn.ReLU, 2)
    nn.init.constant_(model[0].bias, -30)
    return model


FAULTS = (
    Fault(
        "sigmoid, 20 layers",
        lambda: Setup(lambda: stack(nn.Sigmoid, 20), *DIGITS, 0.1),
        "vanishing", (None,), "alarm", "batch_norm",
    ),
    Fault(
        "relu, learning rate too high",
        lambda: Setup(lambda: stack(nn.ReLU, 3), *DIGITS, 0.2, optimizer=torch.optim.Adam),
        "dead", ("3", "5"), "alarm", "learning_rate", 0.1, from_start=False,
    ),
    Fault(
        "selu, gain 3/4, 24 layers",
        lambda: Setup(lambda: stack(nn.SELU, 24, gain=0.75), *DIGITS, 0.01),
        "gain", (None,), "warning", "initialise", 1.0,
    ),
    Fault(
        "selu, gain √2, 32 layers",
        lambda: Setup(lambda: stack(nn.SELU, 32, gain=2**0.5), *DIGITS, 0.01),
        "gain", (None,), "alarm", "initialise", 1.0,
    ),
    Fault(
        "tanh, columns of thousands",
        lambda: Setup(lambda: stack(nn.Tanh, 2), 3000 + 1000 * DIGITS[0], DIGITS[1], 0.01, optimizer=torch.optim.Adam),
        "saturated", ("1",), "alarm", "standardise",
    ),
    Fault(
        "tanh, weights 30 times too large",
        lambda: Setup(lambda: stack(nn.Tanh, 2, gain=50.0), *DIGITS, 0.01, optimizer=torch.optim.Adam),
        "saturated", ("1",), "alarm", "initialise", exact_gain(ub.activation("tanh")),
    ),
    Fault(
        "recurrent, gain 3",
        lambda: Setup(lambda: Recurrent(3.0), *DIGITS, 0.1, 150),
        "exploding_in_time", ("layer/relu",), "alarm", "orthogonal", 1.0,
    ),
    Fault(
        "relu, biases of -30 in layer 1",
        lambda: Setup(_shifted, *DIGITS, 0.1),
        "dead", ("1",), "alarm", "bias", 0.0,
    ),
)  # fmt: skip
