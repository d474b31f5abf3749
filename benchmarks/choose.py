"""The whole protocol of choosing, by unbend, by JAX and by scikit-learn: breast_cancer, 8 activations, defaults.

``python benchmarks/choose.py [--rounds N] [--hundred-thousand]``. unbend does the whole run from reading the table to
the verdict, its kernels compiled anew. The peers train, validate and test the same networks on the same batches; they
do a part of the shards, and their time for all is in proportion, compilation counted once for each activation. Engines
run one after another, each in a process of its own. Needs ``pip install '.[bench]'``.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

TARGETS = {"scikit-learn": 100, "jax vmap": 4}
ENGINES = ("unbend", "jax vmap", "jax vmap, 2 devices", "jax samples last, 2 devices", "scikit-learn")


def plan():
    from unbend.choosing.choose import plan_choice

    return plan_choice("breast_cancer")


# ---------------------------------------------------------------------- unbend
def unbend():
    """The whole run in a new folder with an empty cache of kernels."""
    from unbend.choosing.choose import carry_out

    with tempfile.TemporaryDirectory() as folder:
        os.environ["UNBEND_CACHE_DIR"] = f"{folder}/cache"
        started = time.perf_counter()
        study = plan()
        choice = carry_out(study, Path(folder) / "run")
        seconds = time.perf_counter() - started
        shard = choice.study.shards[6][0]  # tanh on the first split
        grid = np.isin(shard["learning_rate"], study.protocol.learning_rates)
        networks = sum(len(one["seed"]) for arm in choice.study.shards for one in arm)
        networks += sum(len(one["seed"]) for one in choice.study.untouched or ())
    losses = np.array(shard["validation_losses"])[grid]
    return {"seconds": seconds, "networks": networks, "check": float(losses[np.isfinite(losses[:, -1])].mean())}


# ---------------------------------------------------------------------- JAX
def jax_engine(samples_last, devices):
    """Eight activations; for each, ``SPLITS`` splits' networks in one program."""
    os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={devices}"
    from jax_choosing import measure

    return measure(plan(), samples_last, devices)


# ---------------------------------------------------------------------- scikit-learn
def scikit_learn():
    """One split of each activation that it has, two processes."""
    from joblib import Parallel, delayed

    from sklearn_choosing import ACTIVATIONS, networks_of

    study = plan()
    work = [(name, seed, rate) for name in ACTIVATIONS for seed in range(3) for rate in study.protocol.learning_rates]
    pool = Parallel(n_jobs=2)
    pool(delayed(abs)(number) for number in range(2))  # the processes are there before the clock starts
    started = time.perf_counter()
    losses = pool(delayed(networks_of)(study, 0, *one) for one in work)
    seconds = time.perf_counter() - started
    own = [loss for loss, one in zip(losses, work, strict=True) if one[0] == "tanh"]
    return {"seconds": seconds / len(work) * study.networks, "networks": len(work), "check": float(np.mean(own))}


def engine_of(name):
    if name == "unbend":
        return unbend()
    if name == "scikit-learn":
        return scikit_learn()
    return jax_engine("samples last" in name, 2 if "2 devices" in name else 1)


# ---------------------------------------------------------------------- 100,000 networks
def hundred_thousand():
    """A table of 1,000 rows, 8 activations with 41 learning rates: time and largest memory of the whole process."""
    import unbend as ub
    from unbend.choosing.choose import carry_out, plan_choice
    from unbend.choosing.plan import Protocol

    rates = tuple(np.geomspace(1e-4, 0.3, 42).tolist())
    protocol = Protocol(learning_rates=rates, epochs=50, extensions=0, folds=10, repeats=10)
    study = plan_choice(ub.data.moons(n=1000, noise=0.3), hidden=[(8,)], protocol=protocol)
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        choice = carry_out(study, Path(folder) / "run")
        seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"networks": study.networks, "seconds": seconds, "GiB": memory, "verdict": choice.verdict.word}


def measured(name):
    command = [sys.executable, __file__, "--engine", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"  {name}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--hundred-thousand", action="store_true")
    arguments.add_argument("--engine", choices=ENGINES)
    chosen = arguments.parse_args()
    if chosen.engine:
        print(json.dumps(engine_of(chosen.engine)))
        return
    if chosen.hundred_thousand:
        print(json.dumps(hundred_thousand()))
        return
    turns = {name: [] for name in ENGINES}
    for _ in range(chosen.rounds):
        for name in ENGINES:
            turns[name] += [found] if (found := measured(name)) else []
    own = statistics.median(turn["seconds"] for turn in turns["unbend"])
    for name, found in turns.items():
        if found:
            seconds = statistics.median(turn["seconds"] for turn in found)
            aim = f" (aim {TARGETS[name]}x)" if name in TARGETS else ""
            part = f"measured on {found[0]['networks']} networks, check {found[0]['check']:.5f}"
            print(f"{name:30s}{seconds:10.1f} s   {seconds / own:7.1f}x{aim}   {part}")


if __name__ == "__main__":
    main()
