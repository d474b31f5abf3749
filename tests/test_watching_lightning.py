"""What Lightning trains comes out the same with the callback and without, and the callback leaves nothing behind."""

import copy
import subprocess
import sys

import pytest

torch = pytest.importorskip("torch", reason="watching Lightning needs torch")
pl = pytest.importorskip("lightning.pytorch", reason="watching Lightning needs Lightning")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402
from torch.utils.data import DataLoader, Dataset  # noqa: E402

import unbend as ub  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore:The 'train_dataloader' does not have many workers"),
    pytest.mark.filterwarnings("ignore:The number of training batches"),
    pytest.mark.filterwarnings("ignore:`isinstance.treespec, LeafSpec.` is deprecated:FutureWarning"),
]
torch.set_num_threads(1)
X = torch.randn(192, 6, generator=torch.Generator().manual_seed(1))
Y = (X[:, 0] > 0).long()


class Pairs(Dataset):
    """Rows of X and Y, as pairs or under names."""

    def __init__(self, named=False):
        self.named = named

    def __len__(self):
        return len(X)

    def __getitem__(self, row):
        return {"x": X[row], "y": Y[row]} if self.named else (X[row], Y[row])


class Model(pl.LightningModule):
    """A small network with everything that draws random numbers or keeps statistics."""

    def __init__(self, fail_at=None, scale=1.0):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 2))
        self.fail_at, self.scale, self.losses = fail_at, scale, []

    def forward(self, x, y=None):
        return self.layers(x)

    def training_step(self, batch, batch_idx):
        if self.global_step == self.fail_at:
            raise KeyError("mine")
        x, y = batch.values() if isinstance(batch, dict) else batch
        loss = self.scale * F.cross_entropy(self(x), y)
        self.losses.append(loss.item())
        return loss

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.01)


class Manual(Model):
    """Two optimizers, stepped by hand."""

    def __init__(self):
        super().__init__()
        self.automatic_optimization = False

    def training_step(self, batch, batch_idx):
        loss = super().training_step(batch, batch_idx)
        for optimizer in self.optimizers():
            optimizer.zero_grad()
        self.manual_backward(loss)
        for optimizer in self.optimizers():
            optimizer.step()

    def configure_optimizers(self):
        return [torch.optim.SGD(self.layers[place].parameters(), lr=0.05) for place in (0, 4)]


class Wrapped(Model):
    """No forward of its own: the training step calls the network in it."""

    forward = pl.LightningModule.forward

    def training_step(self, batch, batch_idx):
        return F.cross_entropy(self.layers(batch[0]), batch[1])


class LBFGS(Model):
    """An optimizer that calls its closure several times a step."""

    def configure_optimizers(self):
        return torch.optim.LBFGS(self.parameters(), lr=0.1, max_iter=3)


def trained(model, *callbacks, named=False, epochs=2, **settings):
    trainer = pl.Trainer(
        max_epochs=epochs, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, callbacks=list(callbacks), **settings,
    )  # fmt: skip
    trainer.fit(model, DataLoader(Pairs(named), batch_size=32, shuffle=True))
    return model


def made(kind=Model, **settings):
    pl.seed_everything(0, verbose=False)
    return kind(**settings)


def state(model):
    hooks = [(name, list(value)) for one in model.modules() for name, value in vars(one).items() if "_hooks" in name]
    numbers = {name: value.tolist() for name, value in model.state_dict().items()}
    return numbers, model.losses, hooks, torch.get_rng_state().tolist()


def no_hooks_remain():
    from torch.nn.modules import module
    from torch.optim import optimizer

    tables = (
        optimizer._global_optimizer_pre_hooks, optimizer._global_optimizer_post_hooks,
        module._global_forward_hooks, module._global_forward_pre_hooks,
    )  # fmt: skip
    return not any(tables)


@pytest.mark.parametrize("every, rows", [(1, 64), ("auto", 64), (2, None)])
@pytest.mark.parametrize(
    "kind, settings",
    [
        (Model, {}),
        (Model, {"accumulate_grad_batches": 2}),
        (Model, {"gradient_clip_val": 0.1}),
        (Model, {"precision": "bf16-mixed"}),
        (Manual, {}),
        (LBFGS, {}),
    ],
)
def test_a_fit_is_the_same_to_the_last_bit(kind, settings, every, rows):
    expected = state(trained(made(kind), **settings))
    watching = ub.watching.LightningCallback(None if rows is None else X[:rows], every)
    assert state(trained(made(kind), watching, **settings)) == expected
    assert no_hooks_remain()
    assert watching.watch.steps == (6 if "accumulate_grad_batches" in settings else 12)
    assert watching.watch.history.samples[0].step == 0
    assert [layer.activation for layer in watching.watch.history.samples[-1].layers] == ["relu"]


def test_the_comparison_notices_one_extra_draw():
    expected = state(trained(made()))
    model = made()
    torch.rand(1)
    assert state(trained(model)) != expected


def test_an_exception_leaves_nothing_behind():
    watching = ub.watching.LightningCallback(X[:64], every=1)
    with pytest.raises(KeyError, match="mine"):
        trained(made(fail_at=4), watching)
    assert no_hooks_remain() and watching.watch.steps == 4
    copy.deepcopy(watching)


def test_a_probe_that_does_not_fit_leaves_nothing_behind():
    watching = ub.watching.LightningCallback(X[:64, :5])
    with pytest.raises(ub.UnbendError, match=r"Model does not take the probe of shape \(64, 5\)"):
        trained(made(), watching)
    assert no_hooks_remain() and watching.watch is None


def test_updates_and_gradients_are_those_of_the_step():
    watching = ub.watching.LightningCallback(X[:64], every=1)
    model = trained(made(), watching, gradient_clip_val=1e-3)
    (first, *_, last) = watching.watch.history.samples
    size = sum(weight.gradient**2 for weight in last.weights) ** 0.5
    assert 0 < size <= 1.0001e-3 and last.weights[0].update > 0
    assert last.weights[0].norm == pytest.approx(model.layers[0].weight.norm().item(), rel=1e-6)
    assert first.weights[0].norm != last.weights[0].norm


def test_a_gradient_that_breaks_is_told_before_it_reaches_the_weights():
    watching = ub.watching.LightningCallback(X[:64], every=1000)
    trained(made(scale=float("nan")), watching, epochs=1)
    flag = watching.watch.health.flags[0]
    assert flag.kind == "broken_gradient" and flag.since == 1 and flag.before == 0


def test_without_a_probe_the_first_batch_is_it():
    pairs, named = ub.watching.LightningCallback(), ub.watching.LightningCallback()
    trained(made(), pairs)
    trained(made(), named, named=True)
    first = repr(pairs.watch.history.samples[0].layers)
    assert first == repr(named.watch.history.samples[0].layers) and "relu" in first


def test_a_module_without_forward_is_watched_through_its_only_part():
    watching = ub.watching.LightningCallback()
    trained(made(Wrapped), watching)
    assert watching.watch.name == "Sequential" and watching.watch.steps == 12
    model = made(Wrapped)
    model.other = nn.Linear(2, 2)
    with pytest.raises(ub.UnbendError, match="Wrapped defines no forward and has 2 parts with weights"):
        trained(model, ub.watching.LightningCallback())


def test_every_fit_has_a_watch_of_its_own():
    watching = ub.watching.LightningCallback(X[:64], every=1)
    trained(made(), watching)
    first = watching.watch
    trained(made(), watching, epochs=1)
    assert (first.steps, watching.watch.steps) == (12, 6)


def test_only_rank_zero_watches():
    class Other:
        is_global_zero = False

    watching = ub.watching.LightningCallback(X[:64])
    watching.on_train_batch_start(Other(), made(), (X, Y), 0)
    watching.on_train_end(Other(), None)
    assert watching.watch is None and no_hooks_remain()


PACKAGE = """
import warnings
warnings.simplefilter("ignore")
import torch, unbend as ub
import {package} as pl
class Model(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Linear(6, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    def forward(self, x):
        return self.layers(x)
    def training_step(self, batch, batch_idx):
        return self(batch).square().mean()
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)
watching = ub.watching.LightningCallback(every=1)
assert isinstance(watching, pl.Callback)
trainer = pl.Trainer(max_epochs=1, accelerator="cpu", logger=False, enable_checkpointing=False,
                     enable_progress_bar=False, enable_model_summary=False, callbacks=watching)
trainer.fit(Model(), torch.utils.data.DataLoader(torch.randn(64, 6), batch_size=16))
print(watching.watch.steps, len(watching.watch.history.samples))
"""


@pytest.mark.parametrize("package", ["lightning.pytorch", "pytorch_lightning"])
def test_both_packages_of_lightning_take_the_callback(package):
    pytest.importorskip(package, reason="the other package of Lightning")
    done = subprocess.run([sys.executable, "-c", PACKAGE.format(package=package)], capture_output=True, text=True)
    assert done.stdout == "4 5\n", done.stderr
