"""Twelve standard small PyTorch models that learn their task well, for the tests and rates of false alarms."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from sklearn.datasets import load_diabetes
from torch import Tensor, nn
from torch.nn import functional as F

import unbend as ub
from faulty_models import DIGITS, stack, standardised
from unbend.watching import Watch

torch.set_num_threads(1)


@dataclass(frozen=True, eq=False)
class Healthy:
    """A model, its data, the loss, and how well it must do in the end: accuracy, or the share of variance explained."""

    name: str
    make: Callable[[], nn.Module]
    data: Callable[[], tuple[Tensor, Tensor]]
    at_least: float
    rate: float = 2e-3
    steps: int = 300


class Reshaped(nn.Module):
    """A model that wants its rows in another shape."""

    def __init__(self, model: nn.Module, *shape: int):
        super().__init__()
        self.model, self.shape = model, shape

    def forward(self, x):
        return self.model(x.reshape(len(x), *self.shape))


class Last(nn.Module):
    """A recurrent layer read out at its last step."""

    def __init__(self, kind, inputs=8, width=32, outputs=10):
        super().__init__()
        self.layer, self.head = kind(inputs, width, batch_first=True), nn.Linear(width, outputs)

    def forward(self, x):
        return self.head(self.layer(x)[0][:, -1])


class Transformer(nn.Module):
    """Rows of an image as tokens, with places, through two blocks."""

    def __init__(self, width=32):
        super().__init__()
        self.inputs, self.places = nn.Linear(8, width), nn.Parameter(torch.zeros(8, width))
        block = nn.TransformerEncoderLayer(width, 4, 64, dropout=0.1, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(block, 2, enable_nested_tensor=False)
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 10)

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.inputs(x) + self.places)).mean(1))


class Residual(nn.Module):
    """x + f(x), convolutions with BatchNorm."""

    def __init__(self, channels):
        super().__init__()
        self.one, self.two = (nn.Conv2d(channels, channels, 3, padding=1, bias=False) for _ in range(2))
        self.norm_one, self.norm_two = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)

    def forward(self, x):
        return F.relu(x + self.norm_two(self.two(F.relu(self.norm_one(self.one(x))))))


class Mixer(nn.Module):
    """One block of an MLP-Mixer on the 16 patches of an image."""

    def __init__(self, width=32):
        super().__init__()
        self.patches = nn.Linear(4, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.tokens = nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 16))
        self.channels = nn.Sequential(nn.Linear(width, 64), nn.GELU(), nn.Linear(64, width))
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        x = self.patches(x.reshape(len(x), 4, 2, 4, 2).transpose(2, 3).reshape(len(x), 16, 4))
        x = x + self.tokens(self.norms[0](x).transpose(1, 2)).transpose(1, 2)
        x = x + self.channels(self.norms[1](x))
        return self.head(self.norms[2](x).mean(1))


class Words(nn.Module):
    """The mean of embedded tokens, then a hidden layer."""

    def __init__(self):
        super().__init__()
        self.embedding, self.hidden, self.head = nn.Embedding(40, 24), nn.Linear(24, 32), nn.Linear(32, 2)

    def forward(self, x):
        return self.head(F.relu(self.hidden(self.embedding(x).mean(1))))


def convolutional():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 10),
    )  # fmt: skip


def residual():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), Residual(16), Residual(16),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10),
    )  # fmt: skip


def autoencoder():
    return nn.Sequential(
        nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 12), nn.ReLU(), nn.Linear(12, 48), nn.ReLU(), nn.Linear(48, 64)
    )


def regression():
    return nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))


@cache
def diabetes():
    x, y = load_diabetes(return_X_y=True)
    y = torch.tensor(y, dtype=torch.float32)[:, None]
    return standardised(torch.tensor(x, dtype=torch.float32)), standardised(y)


@cache
def sentences():
    """(2000, 12) tokens of 40; whether those of the first ten outnumber those of the second ten."""
    x = torch.randint(0, 40, (2000, 12), generator=torch.Generator().manual_seed(3))
    return x, ((x < 10).sum(1) > ((x >= 10) & (x < 20)).sum(1)).long()


@cache
def waves():
    """(2000, 20, 1) noisy sine waves; whether they are fast."""
    generator = torch.Generator().manual_seed(4)
    speed = torch.rand(2000, 1, generator=generator)
    phase = 6.3 * torch.rand(2000, 1, generator=generator)
    x = torch.sin(phase + (0.2 + 0.6 * speed) * torch.arange(20)) + 0.1 * torch.randn(2000, 20, generator=generator)
    return x[..., None], (speed[:, 0] > 0.5).long()


def pictures():
    return DIGITS


def same():
    return DIGITS[0], DIGITS[0]


HEALTHY = (
    Healthy("MLP relu", lambda: stack(nn.ReLU, 2, 64), pictures, 0.95),
    Healthy("MLP tanh", lambda: stack(nn.Tanh, 2, 64), pictures, 0.95),
    Healthy("CNN", lambda: Reshaped(convolutional(), 1, 8, 8), pictures, 0.95),
    Healthy("GRU", lambda: Last(nn.GRU, 1, 24, 2), waves, 0.9, 1e-2, 200),
    Healthy("LSTM", lambda: Reshaped(Last(nn.LSTM), 8, 8), pictures, 0.9, 5e-3),
    Healthy("transformer", lambda: Reshaped(Transformer(), 8, 8), pictures, 0.95, 4e-3, 200),
    Healthy("autoencoder", autoencoder, same, 0.5),
    Healthy("residual net", lambda: Reshaped(residual(), 1, 8, 8), pictures, 0.95, 3e-3, 300),
    Healthy("deep SELU", lambda: stack(nn.SELU, 12, 48, gain=1.0), pictures, 0.95, 1e-3),
    Healthy("GELU mixer", Mixer, pictures, 0.9, 4e-3),
    Healthy("regression", regression, diabetes, 0.45),
    Healthy("embeddings", Words, sentences, 0.9, 1e-2),
)


def trained(one: Healthy, seed: int, length: float = 1.0) -> tuple[Watch, float]:
    """The watch after training, and how well the model does its task on all rows."""
    torch.manual_seed(seed)
    model, (x, y) = one.make().train(), one.data()
    optimizer = torch.optim.Adam(model.parameters(), lr=one.rate)
    loss = F.mse_loss if y.is_floating_point() else F.cross_entropy
    with ub.watch(model, probe=x[:128], every=20) as w:
        for _ in range(round(one.steps * length)):
            rows = torch.randint(0, len(x), (64,))
            optimizer.zero_grad()
            loss(model(x[rows]), y[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        found = model.eval()(x)
    if y.is_floating_point():
        return w, 1 - float((found - y).square().mean() / y.var(0).mean())
    return w, float((found.argmax(1) == y).double().mean())
