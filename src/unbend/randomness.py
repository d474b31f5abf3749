"""Random numbers without state: each is a function of (seed, purpose, index), by the counter-based Threefry-2x32.

So a network's starting weights do not depend on its companions, on the order of work, or on the number of workers; and
the lab page's ``random.js`` gives the same numbers.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unbend.errors import UnbendError

Words = NDArray[np.uint32]
Floats = NDArray[np.float64]

LARGEST_SEED = 2**32 - 1
CHUNK = 1 << 14  # numbers made at once: all scratch arrays together stay in the second-level cache
ROTATIONS = tuple(np.uint32(bits) for bits in (13, 15, 26, 6, 17, 29, 16, 24))
PARITY = np.uint32(0x1BD11BDA)
PHI_MINUS_2 = 0.022750131948179207  # the standard normal distribution function at -2
MASS_WITHIN_2 = 0.9544997361036416  # its mass between -2 and 2

# Wichura 1988, algorithm AS 241, PPND16: numerator and denominator, highest power first.
CENTRE = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
     5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0),
)  # fmt: skip
SHOULDER = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
     3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
     0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0),
)  # fmt: skip
TAIL = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
     0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
     0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0),
)  # fmt: skip


def threefry2x32(key: tuple[Any, Any], counter: tuple[Any, Any]) -> tuple[Words, Words]:
    """Two random 32-bit words for each key and counter (uint32 arrays, broadcast together).

    Threefry-2x32 with 20 rounds: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).

    >>> a, b = threefry2x32((0, 0), (0, 0))
    >>> f"{a:08x} {b:08x}"
    '6b200159 99ba4efe'
    """
    words = [np.asarray(word, dtype=np.uint32) for word in (*key, *counter)]
    key0, key1, counter0, counter1 = np.broadcast_arrays(*words)
    keys = (key0, key1, key0 ^ key1 ^ PARITY)
    x0, x1, scratch = (np.empty(key0.shape, np.uint32) for _ in range(3))
    np.add(counter0, key0, out=x0)
    np.add(counter1, key1, out=x1)
    for step in range(5):
        for bits in ROTATIONS[4 * (step % 2) : 4 * (step % 2) + 4]:
            np.add(x0, x1, out=x0)
            np.right_shift(x1, np.uint32(32) - bits, out=scratch)
            np.left_shift(x1, bits, out=x1)
            np.bitwise_or(x1, scratch, out=x1)
            np.bitwise_xor(x1, x0, out=x1)
        np.add(x0, keys[(step + 1) % 3], out=x0)
        np.add(x1, keys[(step + 2) % 3], out=x1)
        np.add(x1, np.uint32(step + 1), out=x1)
    return x0, x1


def uniform(seed: Any, purpose: str, index: Any) -> Floats:
    """Uniform numbers in [0, 1) with 53 random bits, one for each element of ``seed`` and ``index`` broadcast together.

    ``seed``: integers from 0 to 2^32 - 1; ``index``: integers from 0 to 2^64 - 1; anything else raises `UnbendError`.
    ``purpose`` keeps streams apart. With words (a, b): ((a >> 5) * 2^26 + (b >> 6)) / 2^53.

    >>> uniform([0, 1], "example", [[0], [1], [2]]).shape
    (3, 2)
    >>> float(uniform(7, "example", range(100))[41]) == float(uniform(7, "example", 41))
    True
    """
    return _elementwise(_same, seed, purpose, index)


def normal(seed: Any, purpose: str, index: Any) -> Floats:
    """Standard normal numbers: the inverse distribution function of `uniform`, same arguments, shapes and errors.

    Inverse by Wichura's PPND16 (algorithm AS 241, Applied Statistics 37, 1988), relative accuracy about 1e-16.

    >>> z = normal(0, "example", range(10_000))
    >>> print(f"{abs(z.mean()):.1f} {z.std():.1f}")
    0.0 1.0
    """
    return _elementwise(_normal_quantile, seed, purpose, index)


def truncated_normal(seed: Any, purpose: str, index: Any) -> Floats:
    """Normal numbers cut off at -2 and 2, same arguments, shapes and errors as `uniform`; their deviation is 0.8796….

    The inverse distribution function of `uniform` mapped into [Phi(-2), Phi(2)].

    >>> z = truncated_normal(0, "example", range(10_000))
    >>> bool((abs(z) <= 2).all()), f"{z.std():.2f}"
    (True, '0.88')
    """
    return _elementwise(_truncated_quantile, seed, purpose, index)


def permutation(seed: int, purpose: str, index: Any, n: int) -> NDArray[np.int64]:
    """A permutation of 0 … n-1 for each ``index``: (n,) int64, or (m, n) for m of them.

    It is the order of n random words, the first of each counter (position, index); equal words keep their order.
    ``index`` (0 to 2^32 - 1) counts permutations, for instance epochs. A negative ``n`` raises `UnbendError`.

    >>> sorted(permutation(0, "shuffle", 3, 5).tolist())
    [0, 1, 2, 3, 4]
    >>> bool((permutation(0, "shuffle", [2, 3], 5)[1] == permutation(0, "shuffle", 3, 5)).all())
    True
    """
    if not 0 <= n <= LARGEST_SEED:
        raise UnbendError(f"a permutation of {n} things was asked for; the number must be from 0 to {LARGEST_SEED}")
    chosen = _integers("index of a permutation", index, LARGEST_SEED)[..., None]
    position = np.arange(n, dtype=np.uint32)
    words, _ = threefry2x32((_integers("seed", seed, LARGEST_SEED), purpose_hash(purpose)), (position, chosen))
    both = (words.astype(np.uint64) << np.uint64(32)) | position
    both.sort(axis=-1)
    return (both & np.uint64(LARGEST_SEED)).astype(np.int64)


@lru_cache(maxsize=1024)
def purpose_hash(purpose: str) -> int:
    """The second word of the key: the 32-bit FNV-1a hash of the purpose in UTF-8.

    >>> f"{purpose_hash('a'):08x}"
    'e40c292c'
    """
    value = 0x811C9DC5
    for byte in purpose.encode():
        value = (value ^ byte) * 0x01000193 % 2**32
    return value


def _elementwise(quantile: Callable[[Floats], Floats], seed: Any, purpose: str, index: Any) -> Floats:
    """``quantile`` of the uniform numbers, chunk by chunk, so that scratch memory does not grow with the output."""
    operands = [_integers("seed", seed, LARGEST_SEED), _integers("index", index, 2**64 - 1), None]
    chunks: Any = np.nditer(
        operands,
        flags=["external_loop", "buffered", "zerosize_ok"],
        op_flags=[["readonly"], ["readonly"], ["writeonly", "allocate"]],
        op_dtypes=[np.uint32, np.uint64, np.float64],
        order="C",
        casting="unsafe",
        buffersize=CHUNK,
    )
    word = purpose_hash(purpose)
    with chunks:
        for seeds, positions, out in chunks:
            out[...] = quantile(_uniform(seeds, word, positions))
        return chunks.operands[2]


def _integers(what: str, values: Any, largest: int) -> NDArray[Any]:
    """``values`` as an array of integers within 0 … ``largest``."""
    array = np.asarray(values)
    array = array.astype(np.int64) if array.size == 0 else array
    if array.dtype.kind not in "iu":
        raise UnbendError(f"the {what} must be integers from 0 to {largest}, not {_shortened(values)}")
    for extreme in (array.min(initial=0), array.max(initial=0)):
        if not 0 <= int(extreme) <= largest:
            raise UnbendError(f"the {what} {extreme} is out of range; choose integers from 0 to {largest}")
    return array


def _shortened(values: Any) -> str:
    text = repr(values)
    return text if len(text) <= 40 else text[:37] + "..."


def _uniform(seeds: Words, word: int, positions: NDArray[np.uint64]) -> Floats:
    low, high = positions.astype(np.uint32), (positions >> np.uint64(32)).astype(np.uint32)
    a, b = threefry2x32((seeds, word), (low, high))
    numbers = (a >> np.uint32(5)).astype(np.float64)
    numbers *= 67108864.0
    numbers += b >> np.uint32(6)
    numbers /= 9007199254740992.0
    return numbers


def _same(p: Floats) -> Floats:
    return p


def _normal_quantile(p: Floats) -> Floats:
    """Inverse of the normal distribution function on [0, 1); 0 counts as 2^-54, so that the result is finite."""
    q = p - 0.5
    outer = np.flatnonzero(np.abs(q) > 0.425)
    q_outer, p_outer = q[outer], np.maximum(p[outer], 2.0**-54)
    q *= _ratio(CENTRE, 0.180625 - q * q)
    r = np.sqrt(-np.log(np.where(q_outer < 0, p_outer, 1.0 - p_outer)))
    size = np.where(r <= 5.0, _ratio(SHOULDER, r - 1.6), _ratio(TAIL, np.maximum(r - 5.0, 0.0)))
    q[outer] = np.where(q_outer < 0, -size, size)
    return q


def _truncated_quantile(p: Floats) -> Floats:
    z = _normal_quantile(PHI_MINUS_2 + p * MASS_WITHIN_2)
    return np.clip(z, -2.0, 2.0, out=z)


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], r: Floats) -> Floats:
    """One polynomial divided by another."""
    numerator, denominator = (_horner(polynomial, r) for polynomial in coefficients)
    numerator /= denominator
    return numerator


def _horner(coefficients: tuple[float, ...], r: Floats) -> Floats:
    value = np.full(r.shape, coefficients[0])
    for coefficient in coefficients[1:]:
        value *= r
        value += coefficient
    return value
