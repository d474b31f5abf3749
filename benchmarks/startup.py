"""How long a user waits: the import, ``see`` with a cold and a warm kernel cache, ``see`` with its film, the tour.

``python benchmarks/startup.py [--rounds N]``: whole processes by the clock, the median and the range of the rounds.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAM = [sys.executable, "-c", "from unbend.cli import main; main()"]
SEE = [*PROGRAM, "see", "curves"]


def seconds(command, folder, cache):
    environment = os.environ | {"UNBEND_CACHE_DIR": str(cache)}
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return time.perf_counter() - started


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    rounds = arguments.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warm = folder / "warm"
        cases = [
            ("import numpy", [sys.executable, "-c", "import numpy"], warm),
            ("import unbend", [sys.executable, "-c", "import numpy, unbend"], warm),
            ("see curves --film none, cold cache", [*SEE, "--film", "none"], None),
            ("see curves --film none, warm cache", [*SEE, "--film", "none"], warm),
            ("see curves, with the film", SEE, warm),
            ("tour", [*PROGRAM, "tour"], warm),
        ]
        for label, command, cache in cases:
            if cache is not None:
                seconds(command, folder, cache)  # once to warm the files and the cache
            times = [seconds(command, folder, cache or folder / f"cold{turn}") for turn in range(rounds)]
            print(f"{label:40s}{statistics.median(times):7.2f} s   ({min(times):.2f} to {max(times):.2f})")


if __name__ == "__main__":
    main()
