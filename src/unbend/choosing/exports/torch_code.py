"""A fitted network as a PyTorch module: source to be kept beside a project, or a live object."""

from typing import Any

from unbend.choosing.exports.schema import Exported, exported
from unbend.choosing.exports.source import READ, docstring, loaded, module_text, parted, tables
from unbend.choosing.model import Model
from unbend.packages import needed
from unbend.properties.code import library_code

_USAGE = """
net = Net() is ready to use. net.predict(rows) takes a dataframe, a mapping from column
names to columns, or (n, columns) values in the order of NUMBERS and then LEVELS; values
may be missing (None, NaN) and levels unknown. net(numbers, levels) takes what read(rows)
gives, as tensors, and returns {returned}.
"""
_PREPARATION = '''\
class Preparation(nn.Module):
    """Numbers scaled and smoothly clipped at 3, levels as 0 or 1; in float64."""

    def __init__(self):
        super().__init__()
        self.register_buffer("centre", torch.tensor(CENTRE))
        self.register_buffer("scale", torch.tensor(SCALE))

    def forward(self, numbers, levels{none}):
        filled = torch.where(numbers.isnan(), self.centre, numbers.to(self.centre.dtype))
        scaled = filled / self.scale - self.centre / self.scale
        scaled = scaled.clamp(-1e9, 1e9)
        parts = [scaled / torch.sqrt(1 + (scaled / 3) ** 2)]
        for place, known in enumerate(LEVELS.values()):
            every = torch.arange(len(known), device=levels.device)
            parts.append(levels[:, place, None] == every)
        return torch.cat(parts, dim=1)'''
_NET = '''\
class Net(nn.Module):
    """The whole network, from the columns to {returned}."""

    def __init__(self):
        super().__init__()
        self.prepare = Preparation()
        self.layers = nn.ModuleList()
        for weight, bias in LAYERS:
            layer = nn.Linear(*weight.shape)
            layer.weight.data = torch.tensor(weight.T)
            layer.bias.data = torch.tensor(bias)
            self.layers.append(layer){own}
        self.eval()

    def forward(self, numbers, levels{none}):
        x = self.prepare(numbers, levels).to(self.layers[0].weight.dtype)
{hidden}        return {result}
'''
_HIDDEN = """        for layer in self.layers[:-1]:
            x = {f}(layer(x))
"""
_CLASSES = '''
    @torch.no_grad()
    def predict_proba(self, rows):
        """(n, classes) probabilities as an array, in the order of CLASSES."""
        scores = self(*map(torch.tensor, read(rows)))
        return {chances}.numpy()

    def predict(self, rows):
        """(n,) names of classes."""
        return CLASSES[self.predict_proba(rows).argmax(axis=1)]'''
_REGRESSION = '''
    @torch.no_grad()
    def predict(self, rows):
        """(n,) the target in its own units, as an array."""
        return self(*map(torch.tensor, read(rows)))[:, 0].numpy()'''
_CHANCES = {
    "binary": "torch.cat([torch.sigmoid(-scores), torch.sigmoid(scores)], dim=1)",
    "multiclass": "torch.softmax(scores, dim=1)",
}
_RETURNED = {
    "binary": "logits (n, 1) for BCEWithLogitsLoss",
    "multiclass": "logits (n, classes) for CrossEntropyLoss",
    "regression": "the target (n, 1) in its own units",
}


def torch_code(model: Model) -> str:
    """A module that defines ``class Net(nn.Module)`` with the preparation as a layer and the weights in it.

    The activation is PyTorch's own where it has one.
    """
    parts = exported(model)
    imports, function, own = _activation(parts)
    hidden = _HIDDEN.format(f="self.activation" if own else "f") if parts.activation else ""
    returned = _RETURNED[parts.task]
    none = "" if parts.levels else "=None"
    net = _NET.format(none=none, returned=returned, own=own, hidden=hidden, result=_result(parts))
    answers = _REGRESSION if parts.task == "regression" else _CLASSES.format(chances=_CHANCES[parts.task])
    return module_text(
        docstring(parts, _USAGE.format(returned=returned)),
        ["import numpy as np", "import torch", "from torch import nn", *imports],
        [tables(parts), READ, function, _PREPARATION.format(none=none), net + answers],
    )


def to_torch(model: Model) -> Any:
    """A live ``torch.nn.Module``, the ``Net`` of `torch_code`; `UnbendError` where PyTorch is not installed."""
    needed("torch", "torch", "an export to PyTorch")
    return loaded(torch_code(model)).Net()


def _activation(parts: Exported) -> tuple[list[str], str, str]:
    """Imports, a function at module level, or a line for a module of PyTorch's own."""
    if parts.activation is None:
        return [], "", ""
    imports, function = parted(library_code(parts.activation)["pytorch"])
    if not function.startswith("f = "):
        return imports, function, ""
    return imports, "", f"\n        self.activation = {function.removeprefix('f = torch.')}"


def _result(parts: Exported) -> str:
    last = "self.layers[-1](x)"
    return f"{last}.double() * Y_SCALE + Y_MEAN" if parts.task == "regression" else last
