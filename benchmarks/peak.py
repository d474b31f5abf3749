"""The machine's multiply-add peak, measured: twelve independent chains of fused multiply-adds in registers."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from unbend.training.kernel.compile import compile_kernel, host_lanes
from unbend.training.kernel.numbers import aligned
from unbend.training.vector import INT64, VectorAlgebra

CHAINS, ROUNDS = 12, 20_000_000


def multiply_add_peak(threads):
    """GFLOP/s of ``threads`` threads."""
    v = VectorAlgebra(host_lanes())
    job = v.function("train", [INT64.as_pointer()], internal=False).args[0]
    target = v.builder.inttoptr(v.builder.load(job), v.vector.as_pointer())
    factor = v.load(target)
    starts = [v.load(target, k) for k in range(CHAINS)]
    ends = v.loop(ROUNDS, lambda i, *chains: [v.multiply_add(c, factor, factor) for c in chains], starts)
    for k, value in enumerate(ends):
        v.store(value, target, k)
    v.builder.ret_void()
    kernel = compile_kernel(str(v.module), lambda: str(v.module))
    places = [aligned((CHAINS, v.lanes)) for _ in range(threads)]
    records = [np.array([place.ctypes.data], np.int64) for place in places]
    best = float("inf")
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(5):
            started = time.perf_counter()
            list(pool.map(lambda record: kernel(record.ctypes.data), records))
            best = min(best, time.perf_counter() - started)
    return threads * ROUNDS * CHAINS * v.lanes * 2 / best / 1e9


if __name__ == "__main__":
    for threads in (1, 2):
        print(f"{threads} thread(s): {multiply_add_peak(threads):.0f} GFLOP/s")
