"""What watching costs: training time with `ub.watch` and with its rivals against that without any hook, PyTorch on CPU.

``python benchmarks/watch.py [--quick] [--cockpit PYTHON]``. MLP, CNN, transformer at three sizes. Each arm trains two
equal networks in a process of its own, one with hooks and one without, in turn, in blocks of two seconds; the time per
step of the one is divided by that of the other. A table shows the mean of these ratios (not the median, which would
hide what costs much and seldom) and its 95 % interval by Student's t, in per cent on top. What an arm does before its
first step is not in it; of unbend it stands in a column of its own.

wandb.watch draws histograms of weights and gradients and runs offline; where a run has fewer steps than log_freq it
draws none. Cockpit needs an environment of its own
(``pip install cockpit-for-pytorch backpack-for-pytorch 'setuptools<81'``), whose Python is given with ``--cockpit``.
What cannot run says why. Needs ``pip install '.[bench]'``; run it on a quiet machine.
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

ROUNDS, SECONDS = 10, 2.0  # of a block
QUICK_ROUNDS, QUICK_SECONDS = 3, 1.0
PAUSE = 0.3  # seconds in which the threads of the block before come to rest
FEWEST = 3  # steps of a block
ROWS = 2048
SIZES = ("small", "middle", "large")
# Kind of network -> for each size: its widths, and the rows of a batch.
NETS = {
    "MLP": (([20, 64, 64, 64, 10], 64), ([100, 512, 512, 512, 10], 256), ([784, 2048, 2048, 2048, 10], 256)),
    "CNN": (([8, 16], 64), ([32, 64, 64], 64), ([64, 128, 128, 128], 64)),
    "transformer": (([32, 2, 16], 32), ([128, 4, 64], 32), ([256, 6, 128], 16)),  # width, blocks, tokens
}


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
def unbend(net):
    """The defaults. Its clock stands still while the network without hooks has its turn."""
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


ARMS = {
    "unbend": unbend,
    "wandb.watch, log_freq=1000": wandb(1000),
    "wandb.watch, log_freq=100": wandb(100),
    "Cockpit economy, every step": cockpit(1),
    "Cockpit economy, every 100 steps": cockpit(100),
    "torchmortem": torchmortem,
}


class Block:
    """As many steps as take a set time."""

    def __init__(self, step, around, seconds):
        self.step, self.around, self.steps = step, around, FEWEST
        self.run()  # what the first steps allocate and compile is not what watching costs
        while (each := self.run()) * self.steps < seconds / 4:
            self.steps *= 2
        self.steps = max(FEWEST, round(seconds / each))

    def run(self):
        """Seconds per step."""
        time.sleep(PAUSE)
        with self.around():
            started = time.perf_counter()
            for _ in range(self.steps):
                self.step()
            return (time.perf_counter() - started) / self.steps


def work(name, kind, size, rounds, seconds):
    """Seconds per step without hooks, the ratios to it, and what else an arm tells."""
    bare, net = Net(kind, size), Net(kind, size)
    with ARMS[name](net) as (step, around, about):
        blocks = {"bare": Block(bare.step, nullcontext, seconds), "watched": Block(step, around, seconds)}
        turns = [{which: blocks[which].run() for which in order(turn)} for turn in range(rounds)]
        ratios = [turn["watched"] / turn["bare"] for turn in turns]
        return {"bare": statistics.median(turn["bare"] for turn in turns), "ratios": ratios, **about()}


def order(turn):
    return ("bare", "watched") if turn % 2 else ("watched", "bare")


def measured(python, name, kind, size, rounds, seconds):
    """What `work` returns, from a process of its own, or why the arm does not run."""
    environment = {**os.environ, "WANDB_MODE": "offline", "PYTHONWARNINGS": "ignore"}
    given = [name, kind, size, str(rounds), str(seconds)]
    told = subprocess.run(
        [python, __file__, "--arm", *given], capture_output=True, text=True, env=environment, check=False
    )
    if told.returncode:
        return (told.stderr.strip().splitlines() or ["ended without a word"])[-1]
    return json.loads(told.stdout)


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
    ratios = found["ratios"]
    middle, low, high = (f"{100 * (one - 1):+.1f}" for one in (statistics.mean(ratios), *interval(ratios)))
    return f"{middle} [{low}, {high}]"


def account(found):
    """What unbend says itself: share of the training time, samples, and seconds before the first step among it."""
    if isinstance(found, str):
        return "–"
    own = found["own"]
    return f"{100 * own['share']:.1f}, {found['samples']}, {own['setup_seconds']:.2f} s"


def table(nets, measure):
    """A row as soon as its network is measured; then why what did not run did not."""
    print("| network | ms per step | " + " | ".join(ARMS) + " | unbend's own account, samples, setup |")
    print("|---|---|" + "---|" * (len(ARMS) + 1), flush=True)
    reasons = {}
    for kind, size in nets:
        found = {name: measure(name, kind, size) for name in ARMS}
        bare = statistics.median(one["bare"] for one in found.values() if not isinstance(one, str))
        cells = [f"{kind}, {size}", f"{1e3 * bare:.2f}", *map(cell, found.values()), account(found["unbend"])]
        print(f"| {' | '.join(cells)} |", flush=True)
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
    arguments.add_argument("--arm", nargs=5, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.arm:
        name, kind, size, rounds, seconds = chosen.arm
        answers, sys.stdout = sys.stdout, sys.stderr  # the rivals print
        print(json.dumps(work(name, kind, size, int(rounds), float(seconds))), file=answers)
        return
    pythons = {name: chosen.cockpit for name in ARMS if name.startswith("Cockpit")}
    facts(pythons)
    rounds, seconds = (QUICK_ROUNDS, QUICK_SECONDS) if chosen.quick else (ROUNDS, SECONDS)
    sizes = SIZES[:1] if chosen.quick else SIZES
    table(
        [(kind, size) for kind in NETS for size in sizes],
        lambda name, *net: measured(pythons.get(name, sys.executable), name, *net, rounds, seconds),
    )


if __name__ == "__main__":
    main()
