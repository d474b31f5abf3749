"""Small PyTorch models of every kind, and how they are trained, for the tests of watching."""

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)


class Cells(nn.Module):
    """A recurrent layer read out at its last step."""

    def __init__(self, kind=nn.GRU, width=8):
        super().__init__()
        self.layer = kind(3, width, batch_first=True)
        self.head = nn.Linear(width, 2)

    def forward(self, x):
        return self.head(self.layer(x)[0][:, -1])


class Attention(nn.Module):
    """Tokens through one encoder block."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 16)
        self.block = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.1, batch_first=True, activation="gelu")
        self.head = nn.Linear(16, 2)

    def forward(self, x):
        return self.head(self.block(self.embedding(x)).mean(1))


def mlp():
    layers = (
        nn.Linear(6, 16),
        nn.BatchNorm1d(16),
        nn.ReLU(inplace=True),
        nn.Dropout(0.3),
        nn.Linear(16, 16),
        nn.Tanh(),
    )
    return nn.Sequential(*layers, nn.Dropout(0.3), nn.Linear(16, 2))


def cnn():
    convolutions = (nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.SiLU(), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3), nn.ReLU())
    return nn.Sequential(*convolutions, nn.Dropout2d(0.2), nn.Flatten(), nn.Linear(8, 2))


def numbers(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def tokens(rows):
    return torch.randint(0, 11, (rows, 5), generator=torch.Generator().manual_seed(1))


MODELS = {
    "mlp": (mlp, lambda rows: numbers(rows, 6)),
    "cnn": (cnn, lambda rows: numbers(rows, 1, 8, 8)),
    "gru": (Cells, lambda rows: numbers(rows, 7, 3)),
    "transformer": (Attention, tokens),
}


def made(name, seed=0):
    """A model in training mode, and 64 inputs."""
    torch.manual_seed(seed)
    make, inputs = MODELS[name]
    return make().train(), inputs(64)


def train(model, x, steps=6, fail_at=None, rate=0.05, optimizer=torch.optim.SGD):
    """The losses and all gradients of a run on random labels; it breaks off at a step if told to."""
    y = torch.randint(0, 2, (len(x),), generator=torch.Generator().manual_seed(2))
    steps_of = optimizer(model.parameters(), lr=rate)
    losses, gradients = [], []
    for step in range(steps):
        if step == fail_at:
            raise KeyError("broken off")
        steps_of.zero_grad()
        rows = torch.randperm(len(x))[:32]
        loss = F.cross_entropy(model(x[rows]), y[rows])
        loss.backward()
        steps_of.step()
        losses.append(loss.item())
        gradients.append([one.grad.clone() for one in model.parameters()])
    return losses, gradients
