"""How one network lies in memory while the kernel trains it: tiles, offsets, scratch.

Parameters stand in the order in which the kernel reads them, so that a tile of a wide layer is one contiguous piece of
the first-level cache. All offsets count vectors (one vector = one number of every network of the group).
"""

from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CACHE_PERIOD = 4096  # bytes after which addresses share the lines of a first-level cache
WHOLE_BATCH = 32  # up to so many samples, a batch is one block


class Tiles(NamedTuple):
    """``number`` tiles of ``size`` units each, the first one at unit ``start``."""

    start: int
    number: int
    size: int


def tiles_of(units: int, largest: int) -> tuple[Tiles, ...]:
    """Cut a layer into as few and as equal tiles as possible.

    >>> tiles_of(30, 4)
    (Tiles(start=0, number=6, size=4), Tiles(start=24, number=2, size=3))
    """
    count = ceil(units / largest)
    small, larger = divmod(units, count)
    cut = (Tiles(0, larger, small + 1), Tiles(larger * (small + 1), count - larger, small))
    return tuple(tiles for tiles in cut if tiles.number)


class Piece(NamedTuple):
    """Where the weights of some output tiles begin, and how far one tile is from the next."""

    tiles: Tiles
    offset: int
    stride: int


@dataclass(frozen=True)
class Plan:
    """Sizes of everything in one kernel; a block has ``samples``, a multiple of ``sample_tile``, which is even."""

    widths: tuple[int, ...]
    lanes: int
    samples: int
    sample_tile: int
    output_tile: int
    input_tile: int
    slots: int
    one_block: bool

    @property
    def depth(self) -> int:
        """The number of affine layers."""
        return len(self.widths) - 1

    @property
    def sample_tiles(self) -> int:
        """Sample tiles in one block."""
        return self.samples // self.sample_tile

    @cached_property
    def pieces(self) -> tuple[tuple[Piece, ...], ...]:
        """The weights of every layer; a weight (i, o) of a tile lies at offset + tile * stride + i * size + o."""
        layers: list[tuple[Piece, ...]] = []
        position = 0
        for inputs, outputs in zip(self.widths[:-1], self.widths[1:], strict=True):
            layer: list[Piece] = []
            for tiles in tiles_of(outputs, self.output_tile):
                stride = _spread(inputs * tiles.size, self.input_tile * tiles.size, self.lanes)
                layer.append(Piece(tiles, position, stride))
                position += tiles.number * stride
            layers.append(tuple(layer))
            position += outputs  # the biases stand behind the weights
        return tuple(layers)

    @cached_property
    def bias_offsets(self) -> tuple[int, ...]:
        """Where the biases of every layer begin."""
        ends = (layer[-1].offset + layer[-1].tiles.number * layer[-1].stride for layer in self.pieces)
        return tuple(ends)

    @property
    def parameters(self) -> int:
        """Vectors that hold the parameters of one group, padding included."""
        return self.bias_offsets[-1] + self.widths[-1]

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """(parameters,) index into the network's flat layout for each place, -1 where there is only padding."""
        order = np.full(self.parameters, -1, np.int64)
        start = 0
        for inputs, outputs, layer, bias in zip(
            self.widths[:-1], self.widths[1:], self.pieces, self.bias_offsets, strict=True
        ):
            flat = start + np.arange(inputs * outputs).reshape(inputs, outputs)
            for (first, count, size), offset, stride in layer:
                for tile in range(count):
                    column = first + tile * size
                    place = offset + tile * stride
                    order[place : place + inputs * size] = flat[:, column : column + size].ravel()
            order[bias : bias + outputs] = start + inputs * outputs + np.arange(outputs)
            start += inputs * outputs + outputs
        return order

    def tile_stride(self, layer: int) -> int:
        """Distance of one sample tile from the next in the scratch of a layer (1 = first hidden)."""
        size = self.widths[layer] * self.sample_tile
        return _spread(size, self.input_tile * self.sample_tile, self.lanes)

    @cached_property
    def scratch(self) -> tuple[tuple[int, int], ...]:
        """Offsets of (activations, derivatives) for every layer; the output layer's second is unused."""
        offsets: list[tuple[int, int]] = []
        position = 8 + (0 if self.one_block else self.parameters)  # step constants, then the gradient
        for layer in range(1, len(self.widths)):
            size = self.tile_stride(layer) * self.sample_tiles
            offsets.append((position, position + size))
            position += 2 * size
        return tuple(offsets)

    @property
    def scratch_size(self) -> int:
        """Vectors of scratch memory that one thread needs."""
        activations, derivatives = self.scratch[-1]
        return 2 * derivatives - activations

    @property
    def gradient_offset(self) -> int:
        """Where the accumulated gradient begins in the scratch (several blocks a batch only)."""
        return 8


def _spread(size: int, reused: int, lanes: int) -> int:
    """Pad a stride so that neighbours do not fall upon the same lines of the cache."""
    vector = 4 * lanes
    if size * vector < CACHE_PERIOD // 2:
        return size
    wanted = max(reused * vector, 64)
    missing = (wanted - size * vector) % CACHE_PERIOD
    return size + (missing // vector if missing <= CACHE_PERIOD // 2 or size * vector >= 2 * CACHE_PERIOD else 0)


def make_plan(widths: tuple[int, ...], batch: int, lanes: int, slots: int, registers: int = 16) -> Plan:
    """Choose tiles for a network, a batch size (rows, not more than the data has) and so many vector registers.

    Sums are cut as the tiles are, and tiles do not depend on ``lanes``: a network is the same in lanes of any number.
    """
    sample_tile = 2 if registers <= 16 else 4
    if max(widths[1:]) <= 2:
        sample_tile *= 2
    sample_tile = 2 if batch < sample_tile else sample_tile
    blocks = ceil(batch / WHOLE_BATCH)
    samples = ceil(ceil(batch / blocks) / sample_tile) * sample_tile
    return Plan(
        widths=widths, lanes=lanes, samples=samples, sample_tile=sample_tile,
        output_tile=4, input_tile=2, slots=slots, one_block=blocks == 1,
    )  # fmt: skip
