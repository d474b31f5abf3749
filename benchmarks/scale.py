"""A hundred thousand networks on one table: the time and the largest memory of the whole process.

``python benchmarks/scale.py [--networks N] [--epochs N]``: 2-8-8-1, tanh, Adam, batch 32, on 1,000 rows.
"""

import argparse
import resource
import time

import unbend as ub


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--networks", type=int, default=100_000)
    arguments.add_argument("--epochs", type=int, default=20)
    chosen = arguments.parse_args()
    started = time.perf_counter()
    runs = ub.train_many(
        ub.data.moons(n=1000), hidden=(8, 8), activation="tanh", optimizer="adam", learning_rate=0.01, batch_size=32,
        epochs=chosen.epochs, seed=range(chosen.networks), keep="last", measure="kept",
    )  # fmt: skip
    table = runs.table()
    seconds = time.perf_counter() - started
    steps = chosen.networks * chosen.epochs * 32
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    reached = sum(accuracy >= 0.99 for accuracy in table["accuracy"])
    rate = steps / seconds
    print(f"{chosen.networks:,} networks, {chosen.epochs} epochs: {seconds:.1f} s, {rate:,.0f} network-steps/s, "
          f"{memory:.2f} GiB at most; {reached:,} reach 99%")  # fmt: skip


if __name__ == "__main__":
    main()
