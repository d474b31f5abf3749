"""What watching costs: training time with `ub.watch` and with its rivals against that without any hook, PyTorch on CPU.

``python benchmarks/watch.py [--quick] [--cockpit PYTHON]``. MLP, CNN and transformer at three sizes. Each arm trains
the same network in a process of its own; they take turns block by block, and a block's time per step is divided by that
of the block without hooks in the same round. A table shows the mean of these ratios (not the median, which would hide
what costs much and seldom) and its 95 % interval by Student's t, in per cent on top. What an arm does before its first
step is not in it; of unbend it stands in a column of its own.

wandb.watch draws histograms of weights and gradients and runs offline; where a run has fewer steps than log_freq it
draws none. Cockpit needs an environment of its own
(``pip install cockpit-for-pytorch backpack-for-pytorch 'setuptools<81'``), whose Python is given with ``--cockpit``.
What cannot run says why. Needs ``pip install '.[bench]' wandb torchmortem``; run it on a quiet machine.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, nullcontext
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from pathlib import Path

ROUNDS, SECONDS = 8, 5.0
QUICK_ROUNDS, QUICK_SECONDS = 3, 1.0
PAUSE = 0.3  # seconds in which the threads of the arm before come to rest
WARM = 20  # steps
ROWS = 2048
SIZES = ("small", "middle", "large")
# Kind of network -> for each size: its widths, and the rows of a batch.
NETS = {
    "MLP": (([20, 64, 64, 64, 10], 64), ([100, 512, 512, 512, 10], 256), ([784, 2048, 2048, 2048, 10], 256)),
    "CNN": (([8, 16], 64), ([32, 64, 64], 64), ([64, 128, 128, 128], 64)),
    "transformer": (([32, 2, 16], 32), ([128, 4, 64], 32), ([256, 6, 128], 16)),  # width, blocks, tokens
}
PLAIN = "no hooks"


# ---------------------------------------------------------------------- networks
class Net:
    """A network, its optimizer, and random data by the batch."""

    def __init__(self, kind, size):
        import torch
        from torch import nn

        torch.manual_seed(0)
        widths, self.batch = NETS[kind][SIZES.index(size)]
        self.model, shape = {"MLP": mlp, "CNN": cnn, "transformer": transformer}[kind](nn, widths)
        self.x, self.y = torch.randn(ROWS, *shape), torch.randint(0, 10, (ROWS,))
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=1e-3, momentum=0.9)
        self.steps = 0

    def forward(self):
        """The outputs of the next batch, and its labels."""
        start = self.steps * self.batch % ROWS
        self.steps += 1
        self.optimizer.zero_grad()
        return self.model(self.x[start : start + self.batch]), self.y[start : start + self.batch]

    def step(self):
        loss = self.loss(*self.forward())
        loss.backward()
        self.optimizer.step()
        return loss


def mlp(nn, widths):
    pairs = list(pairwise(widths))
    layers = [part for pair in pairs[:-1] for part in (nn.Linear(*pair), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(*pairs[-1])), (widths[0],)


def cnn(nn, widths):
    """On images of 32 x 32 (of 16 x 16 for two layers)."""
    side, layers = 16 if len(widths) == 2 else 32, []
    for before, after in zip([3, *widths], widths, strict=False):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    rest = side // 2 ** len(widths)
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(widths[-1] * rest**2, 10)), (3, side, side)


def transformer(nn, widths):
    width, blocks, tokens = widths
    block = nn.TransformerEncoderLayer(width, 4, 4 * width, batch_first=True, activation="gelu", norm_first=True)
    encoder = nn.TransformerEncoder(block, blocks, enable_nested_tensor=False)
    return nn.Sequential(encoder, nn.Flatten(), nn.Linear(tokens * width, 10)), (tokens, width)


# ---------------------------------------------------------------------- arms
@contextmanager
def plain(net):
    yield net.step, nullcontext, dict


@contextmanager
def unbend(net):
    """The defaults. Its clock stands still while other arms have their turn."""
    import unbend as ub

    @contextmanager
    def block():
        watched.budget.start()
        yield
        watched.budget.stop()

    watched = ub.watch(net.model, net.x[:256])
    with watched:
        watched.budget.stop()
        yield net.step, block, lambda: {"samples": len(watched.history.samples), "own": watched.overhead.to_dict()}


def wandb(log_freq):
    """Histograms of weights and gradients, and the loss every 100 steps, as most loops log it."""

    @contextmanager
    def arm(net):
        import wandb

        def step():
            loss = net.step()
            if net.steps % 100 == 0:
                run.log({"loss": loss.item()})

        with tempfile.TemporaryDirectory() as folder:
            settings = wandb.Settings(silent=True, console="off", x_disable_stats=True)
            run = wandb.init(mode="offline", dir=folder, settings=settings)
            run.watch(net.model, log="all", log_freq=log_freq)
            yield step, nullcontext, dict
            run.finish()

    return arm


def cockpit(every):
    """Its configuration "economy", the cheapest one."""

    @contextmanager
    def arm(net):
        from backpack import extend
        from cockpit import Cockpit
        from cockpit.utils.configuration import configuration
        from cockpit.utils.schedules import linear
        from torch import nn

        extend(net.model)
        total, each = extend(nn.CrossEntropyLoss()), extend(nn.CrossEntropyLoss(reduction="none"))
        watched = Cockpit(net.model.parameters(), quantities=configuration("economy", linear(every)))

        def step():
            output, labels = net.forward()
            loss = total(output, labels)
            about = {"batch_size": len(labels), "individual_losses": each(output, labels), "loss": loss,
                     "optimizer": net.optimizer}  # fmt: skip
            with watched(net.steps - 1, info=about):  # it counts from 0
                loss.backward(create_graph=watched.create_graph(net.steps - 1))
            net.optimizer.step()

        yield step, nullcontext, dict

    return arm


@contextmanager
def torchmortem(net):
    from torchmortem import Autopsy

    watched = Autopsy(net.model, optimizer=net.optimizer)
    watched.attach()
    yield lambda: watched.step(loss=net.step().item()), nullcontext, dict
    watched.detach()


# Name -> the arm, and its part of the steps: a slow one does fewer.
ARMS = {
    PLAIN: (plain, 1),
    "unbend": (unbend, 1),
    "wandb.watch, log_freq=1000": (wandb(1000), 1),
    "wandb.watch, log_freq=100": (wandb(100), 1),
    "Cockpit economy, every step": (cockpit(1), 0.05),
    "Cockpit economy, every 100 steps": (cockpit(100), 0.5),
    "torchmortem": (torchmortem, 0.25),
}


def work(name, kind, size):
    """An arm's own process: it says when it is ready; a number of steps comes in, the seconds that they took go out."""
    answers, sys.stdout = sys.stdout, sys.stderr  # the rivals print
    net = Net(kind, size)
    with ARMS[name][0](net) as (step, block, about):
        print("{}", file=answers, flush=True)
        for steps in map(int, sys.stdin):
            with block():
                started = time.perf_counter()
                for _ in range(steps):
                    step()
                seconds = time.perf_counter() - started
            print(json.dumps({"seconds": seconds, **about()}), file=answers, flush=True)


class Worker:
    """A running arm; ``why`` says why it does not run."""

    def __init__(self, python, name, kind, size):
        self.part, self.why, self.turns = ARMS[name][1], None, []
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as the process
        environment = {**os.environ, "WANDB_MODE": "offline", "PYTHONWARNINGS": "ignore"}
        self.process = subprocess.Popen(
            [python, __file__, "--arm", name, kind, size], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.errors, text=True, env=environment,
        )  # fmt: skip
        self.answer()  # one after the other: what they do before the first step is not slowed by the next

    def answer(self):
        """What the process says next; None if it has ended."""
        try:
            return json.loads(self.process.stdout.readline())
        except json.JSONDecodeError:
            self.process.wait()
            self.errors.seek(0)
            self.why = (self.errors.read().strip().splitlines() or ["ended without a word"])[-1]
            return None

    def run(self, steps):
        """Seconds per step; None if the arm does not run."""
        if self.why is not None:
            return None
        steps = max(1, round(self.part * steps))
        time.sleep(PAUSE)
        print(steps, file=self.process.stdin, flush=True)
        turn = self.answer()
        if turn is None:
            return None
        self.turns.append(turn)
        return turn["seconds"] / steps

    def end(self):
        self.process.communicate()
        self.errors.close()


def measured(kind, size, rounds, seconds, pythons):
    """For each arm its ratios to the arm without hooks, or why there are none."""
    workers = {name: Worker(pythons.get(name, sys.executable), name, kind, size) for name in ARMS}
    try:
        for worker in workers.values():
            worker.run(WARM)  # what the first steps allocate and compile is not what watching costs
        steps = lasting(workers[PLAIN], seconds)
        ratios = {name: [] for name in ARMS}
        for turn in range(rounds):
            names = [*ARMS][turn % len(ARMS) :] + [*ARMS][: turn % len(ARMS)]
            took = {name: workers[name].run(steps) for name in names if workers[name].why is None}
            for name, found in took.items():
                if found is not None:
                    ratios[name].append(found / took[PLAIN])
        base = statistics.median(one["seconds"] for one in workers[PLAIN].turns[-rounds:]) / steps
        print(f"{kind}, {size}: {1e3 * base:.2f} ms per step, {rounds} x {steps} steps", file=sys.stderr)
        return base, {name: workers[name].why or (ratios[name], workers[name].turns[-1]) for name in ARMS}
    finally:
        for worker in workers.values():
            worker.end()


def lasting(worker, seconds):
    """The number of steps that take so long."""
    steps = WARM
    while (each := worker.run(steps)) * steps < seconds / 4:
        steps *= 2
    return max(10, round(seconds / each))


# ---------------------------------------------------------------------- the table
def interval(ratios):
    """Of their mean, 95 %."""
    from scipy.stats import t

    middle = statistics.mean(ratios)
    half = t.ppf(0.975, len(ratios) - 1) * statistics.stdev(ratios) / len(ratios) ** 0.5
    return middle - half, middle + half


def cell(found):
    if isinstance(found, str):
        return "–"
    ratios, _ = found
    middle, low, high = (f"{100 * (one - 1):+.1f}" for one in (statistics.mean(ratios), *interval(ratios)))
    return f"{middle} [{low}, {high}]"


def account(turn):
    """What unbend says itself: share of the training time, samples, and seconds before the first step among it."""
    own = turn["own"]
    return f"{100 * own['share']:.1f}, {turn['samples']}, {own['setup_seconds']:.2f} s"


def table(results):
    names = [name for name in ARMS if name != PLAIN]
    print("| network | ms per step | " + " | ".join(names) + " | unbend's own account, samples, setup |")
    print("|---|---|" + "---|" * (len(names) + 1))
    for (kind, size), (base, found) in results.items():
        cells = [cell(found[name]) for name in names]
        said = found["unbend"] if isinstance(found["unbend"], str) else account(found["unbend"][1])
        print(f"| {kind}, {size} | {1e3 * base:.2f} | " + " | ".join(cells) + f" | {said} |")
    reasons = {}
    for (kind, size), (_, found) in results.items():
        for name, one in found.items():
            if isinstance(one, str):
                reasons.setdefault((name, one), []).append(f"{kind}, {size}")
    for (name, why), where in reasons.items():
        print(f"\n– {name} on {'; '.join(where)}: {why}")


def facts(pythons):
    import torch

    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    installed = []
    for name in ("torch", "wandb", "torchmortem"):
        try:
            installed.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            installed.append(f"no {name}")
    for python in sorted(set(pythons.values()) - {sys.executable}):
        ask = "from importlib.metadata import version as v; print('Cockpit', v('cockpit-for-pytorch'), 'on torch', "
        said = subprocess.run([python, "-c", ask + "v('torch'))"], capture_output=True, text=True, check=False)
        installed.append(said.stdout.strip() or "no Cockpit")
    print(f"{model}, {os.cpu_count()} processors, {torch.get_num_threads()} threads, {platform.system()}, "
          f"Python {platform.python_version()}, {', '.join(installed)}; load {os.getloadavg()[0]:.1f} at the start.\n"
          "Per cent of training time on top of training without hooks: mean [95 % interval].\n")  # fmt: skip


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="the small networks, three rounds of a second")
    arguments.add_argument("--cockpit", default=sys.executable, metavar="PYTHON", help="the Python that has Cockpit")
    arguments.add_argument("--arm", nargs=3, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.arm:
        work(*chosen.arm)
        return
    pythons = {name: chosen.cockpit for name in ARMS if name.startswith("Cockpit")}
    facts(pythons)
    rounds, seconds = (QUICK_ROUNDS, QUICK_SECONDS) if chosen.quick else (ROUNDS, SECONDS)
    sizes = SIZES[:1] if chosen.quick else SIZES
    table({(kind, size): measured(kind, size, rounds, seconds, pythons) for kind in NETS for size in sizes})


if __name__ == "__main__":
    main()
