"""Pairs of neighbouring vertices joined into the longest paths; nothing here knows where the vertices lie."""

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def joined_paths(pairs: Integers, count: int) -> list[Integers]:
    """Paths through ``pairs`` (m, 2) of ``count`` vertices, each pair used once; a closed path ends where it starts.

    >>> [path.tolist() for path in joined_paths(np.array([[0, 1], [3, 2], [1, 2], [4, 5], [5, 6], [6, 4]]), 7)]
    [[0, 1, 2, 3], [4, 6, 5, 4]]
    """
    neighbours: list[list[int]] = [[] for _ in range(count)]
    for one, other in pairs.tolist():
        neighbours[one].append(other)
        neighbours[other].append(one)
    ends = {vertex: len(near) for vertex, near in enumerate(neighbours) if len(near) not in (0, 2)}
    starts = [vertex for vertex, times in ends.items() for _ in range(times)]
    walks = (_walk(vertex, neighbours, ends) for vertex in [*starts, *range(count)] if neighbours[vertex])
    return [np.array(path, np.int64) for path in walks]


def _walk(vertex: int, neighbours: list[list[int]], ends: dict[int, int]) -> list[int]:
    """Follow unused pairs from a vertex to an end, or round to itself; what is walked is used."""
    path = [vertex]
    while neighbours[vertex]:
        following = neighbours[vertex].pop()
        neighbours[following].remove(vertex)
        path.append(following)
        vertex = following
        if vertex in ends:
            break
    return path
