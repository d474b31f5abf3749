"""The rows of a PyTorch tensor that belong to the inputs of a probe, one for each, however the model lays it out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d

from unbend.watching.places import GRID, MOST_LAYERS, Floats, evenly, feature_step, kept_rows
from unbend.watching.torch.sites import Site

_POOLS: dict[int, Any] = {3: adaptive_avg_pool1d, 4: adaptive_avg_pool2d, 5: adaptive_avg_pool3d}


@dataclass(frozen=True, eq=False)
class Way:
    """Where it begins and ends: the rows of the ``first`` place, the input if ``fixed``, and of the output."""

    count: int
    first: Floats
    output: Floats
    fixed: bool


def way(leaves: list[Tensor], fixed: bool, sites: list[Site], outputs: list[Tensor]) -> Way | None:
    """The way of the probe from the first of the ``leaves`` to the output; at most 8 hidden sites get their place.

    None where the output or the input has no axis of the probe's inputs. All sites let go of their tensors.
    """
    hidden = [(site, *site.last) for site in sites if site.role == "hidden" and site.last is not None]
    for site in sites:
        site.last = None
    output = next((one for one in outputs if one.ndim and len(one) > 1), None)
    if output is None or not leaves:
        return None
    count = len(output)
    first = inputs_rows(leaves[0], count) if fixed else layer_rows(leaves[0], -1, count)
    told = layer_rows(output, -1 if output.ndim < 4 else 1 - output.ndim, count)
    if first is None or told is None:
        return None
    for index in evenly(len(hidden), MOST_LAYERS):
        site, last, axis = hidden[index]
        site.place = layer_rows(last, axis, count)
    return Way(count, first, told, fixed)


def inputs_rows(tensor: Tensor, count: int) -> Floats | None:
    """(n, features) of an input, whatever its shape; None where neither of its first axes is that of the probe."""
    rows = tensor.detach()
    if rows.ndim > 1 and len(rows) != count:
        rows = rows.transpose(0, 1)
    if not rows.ndim or len(rows) != count:
        return None
    flat = _chosen(rows).flatten(1) if rows.ndim > 1 else _chosen(rows)[:, None]
    return _array(flat[:, :: feature_step(flat.shape[1])])


def layer_rows(tensor: Tensor, axis: int, count: int) -> Floats | None:
    """(n, features) of a layer whose units lie along ``axis`` (from the end); None where inputs cannot be told apart.

    Positions of a convolution are averaged over a grid of 4 along each axis at most, tokens over all of them.
    """
    rows = tensor.detach()
    if rows.ndim == 1:
        rows, axis = rows[:, None], -1
    if len(rows) != count and rows.ndim > 2 and rows.shape[1] == count:  # positions come first
        rows = rows.transpose(0, 1)
    if len(rows) != count:
        if len(rows) % count or axis != -1:
            return None
        rows = rows.reshape(count, -1, rows.shape[-1])  # positions and inputs were made one axis
    rows = _chosen(rows)
    if axis != -1 and axis == 1 - rows.ndim and rows.ndim in _POOLS:
        return _array(_POOLS[rows.ndim](rows.float(), tuple(min(GRID, size) for size in rows.shape[2:])).flatten(1))
    rows = rows.movedim(axis, -1)
    return _array(rows.float().mean(dim=tuple(range(1, rows.ndim - 1))) if rows.ndim > 2 else rows)


def _chosen(rows: Tensor) -> Tensor:
    kept = kept_rows(len(rows))
    return rows if len(kept) == len(rows) else rows[torch.as_tensor(kept, device=rows.device)]


def _array(rows: Tensor) -> Floats:
    return np.asarray(rows.float().cpu().numpy())
