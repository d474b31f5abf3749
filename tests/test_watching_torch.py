"""What is seen in PyTorch models of every kind, what is refused, and what is said of planted faults."""

from itertools import pairwise

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="watching PyTorch models needs torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402
from torch.utils.checkpoint import checkpoint  # noqa: E402

import unbend as ub  # noqa: E402
from unbend.watching.torch.recurrent import unrolled  # noqa: E402
from watched_models import Cells, made, mlp, numbers, tokens, train  # noqa: E402


class Calls(nn.Module):
    """One linear layer, then whatever it is told."""

    def __init__(self, call, width=8):
        super().__init__()
        self.call = call
        self.layer = nn.Linear(6, width)
        self.head = nn.Linear(width, 2)

    def forward(self, x):
        return self.head(self.call(self.layer(x)))


def layers(model, probe):
    return ub.watch(model, probe=probe).history.samples[0].layers


def seen(model, probe):
    return [(layer.name, layer.activation) for layer in layers(model, probe)]


@pytest.mark.parametrize(
    "call, name, kind",
    [
        (F.relu, "relu", "relu"),
        (torch.relu, "relu", "relu"),
        (lambda z: z.relu(), "relu", "relu"),
        (lambda z: z.clone().relu_(), "relu", "relu"),
        (lambda z: F.relu(z, inplace=True), "relu", "relu"),
        (lambda z: z.clamp(min=0), "clamp", "relu"),
        (lambda z: torch.clamp(z, 0, 6), "clamp", "relu6"),
        (lambda z: F.leaky_relu(z, 0.2), "leaky_relu", "leaky_relu"),
        (lambda z: F.gelu(z, approximate="tanh"), "gelu", "gelu_tanh"),
        (lambda z: z * torch.sigmoid(z), "silu", "silu"),
        (lambda z: z.sigmoid() * z, "silu", "silu"),
        (lambda z: z * torch.tanh(F.softplus(z)), "x*tanh(softplus)", "x*tanh(softplus)"),
        (torch.tanh, "tanh", "tanh"),
        (torch.special.expit, "sigmoid", "sigmoid"),
        (F.softsign, "softsign", "softsign"),
        (torch.sin, "sin", "sine"),
    ],
)
def test_every_way_of_calling_is_seen(call, name, kind):
    (one,) = layers(Calls(call), numbers(64, 6))
    assert (one.name, one.activation, one.weight, one.units) == (name, kind, "layer.weight", 8)
    assert one.gradient > 0 and one.dead == 0


def test_a_clamp_from_elsewhere_and_softmax_are_no_activations():
    for call in (lambda z: z.clamp(-1, 1), lambda z: z.softmax(-1)):
        with pytest.raises(ub.UnbendError, match="Calls calls no activation on this probe"):
            ub.watch(Calls(call), probe=numbers(8, 6))


def test_numbers_are_those_of_the_pre_activations_even_in_place():
    model, x = Calls(nn.ReLU(inplace=True)), numbers(64, 6)
    (one,) = layers(model, x)
    z = model.layer(x)
    assert one.mean == pytest.approx(z.mean().item(), abs=1e-6) and one.spread == pytest.approx(
        z.std(correction=0).item()
    )
    assert one.saturated == pytest.approx((z <= 0).float().mean().item())


def test_one_module_used_twice_is_two_layers():
    act = nn.ReLU()
    model = nn.Sequential(nn.Linear(6, 8), act, nn.Linear(8, 8), act, nn.Linear(8, 2))
    assert [name for name, _ in seen(model, numbers(16, 6))] == ["1", "1#2"]


class Swish(nn.Module):
    """Written by a user, without any function that PyTorch calls an activation."""

    def forward(self, z):
        return z / (1 + torch.exp(-z))


class Norm(nn.Module):
    """Not element by element."""

    def forward(self, z):
        return z / (1 + z.norm(dim=-1, keepdim=True))


def test_an_activation_of_the_users_own_is_found_by_what_it_does():
    assert seen(Calls(Swish()), numbers(16, 6)) == [("call", "Swish")]
    with pytest.raises(ub.UnbendError, match="calls no activation"):
        ub.watch(Calls(Norm()), probe=numbers(16, 6))


def test_the_models_own_output_is_not_judged():
    model = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 1), nn.Sigmoid())
    assert [layer.role for layer in layers(model, numbers(16, 6))] == ["hidden", "output"]


class Gated(nn.Module):
    """A gate, and a gated linear unit."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(6, 8), nn.Linear(6, 8), nn.Linear(8, 4)

    def forward(self, x):
        return F.glu(self.c(torch.sigmoid(self.a(x)) * F.relu(self.b(x))))


def test_gates_are_told_apart():
    assert [layer.role for layer in layers(Gated(), numbers(16, 6))] == ["gate", "hidden", "gate"]


@pytest.mark.parametrize("name, expected", [
    ("mlp", [("2", "relu"), ("5", "tanh")]),
    ("cnn", [("2", "silu"), ("5", "relu")]),
    ("gru", [("layer/reset", "sigmoid"), ("layer/update", "sigmoid"), ("layer/new", "tanh")]),
    ("transformer", [("block/gelu", "gelu")]),
])  # fmt: skip
def test_every_kind_of_model_is_seen(name, expected):
    model, x = made(name)
    assert seen(model, x) == expected


def test_a_channel_is_dead_if_it_is_dead_everywhere():
    model, x = made("cnn")
    model[4].bias.data[:3] = -1e3
    one = layers(model, x)[1]
    assert one.units == 8 and one.dead_units == (0, 1, 2)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize("bias", [True, False])
def test_a_recurrent_layer_taken_apart_is_the_same(kind, bias):
    layer = kind(3, 5, num_layers=2, bidirectional=True, batch_first=True, bias=bias).eval()
    x = numbers(4, 6, 3)
    expected, state = layer(x)
    zero = torch.zeros(4, 4, 5)
    hidden = (zero, zero) if kind is nn.LSTM else zero
    name = {nn.RNN: "rnn_tanh", nn.GRU: "gru", nn.LSTM: "lstm"}[kind]
    args = (x, hidden, layer._flat_weights, bias, 2, 0.0, False, True, True)
    output, *ends = unrolled(name, args, lambda name, function, z, weight, gate=False: function(z))
    assert torch.allclose(output, expected, atol=1e-6)
    for mine, theirs in zip(ends, state if kind is nn.LSTM else (state,), strict=True):
        assert torch.allclose(mine, theirs, atol=1e-6)


def test_theory_and_measurement_agree_on_a_wide_stack():
    torch.manual_seed(0)
    stack = [part for _ in range(10) for part in (nn.Linear(512, 512), nn.ReLU())]
    found = ub.watch(nn.Sequential(*stack), probe=numbers(64, 512)).theory
    assert found is not None
    assert found.chi == pytest.approx(1 / 6, rel=0.02) and found.measured_chi.mean() == pytest.approx(1 / 6, rel=0.05)
    assert found.depth_scale == pytest.approx(0.558, abs=0.01)


def test_theory_and_measurement_agree_on_a_stack_of_convolutions():
    torch.manual_seed(0)
    stack = [part for _ in range(6) for part in (nn.Conv2d(32, 32, 3), nn.ReLU())]
    found = ub.watch(nn.Sequential(*stack), probe=numbers(8, 32, 18, 18)).theory
    assert found is not None
    assert found.chi == pytest.approx(1 / 6, rel=0.05) and found.measured_chi.mean() == pytest.approx(1 / 6, rel=0.1)


def test_theory_is_silent_where_the_model_is_no_plain_stack():
    model, x = made("mlp")  # normalised
    assert ub.watch(model, probe=x).theory is None
    assert ub.watch(Calls(Swish()), probe=numbers(16, 6)).theory is None


def test_weights_gradients_and_updates_are_those_of_the_step():
    model, x = Calls(F.relu), numbers(64, 6)
    with ub.watch(model, probe=x[:16], every=1) as w:
        _, gradients = train(model, x, steps=1, rate=0.1)
    weight = w.history.samples[-1].weights[0]
    assert (weight.name, w.history.samples[-1].step) == ("layer.weight", 1)
    assert weight.gradient == pytest.approx(gradients[0][0].norm().item())
    before = model.layer.weight + 0.1 * gradients[0][0]
    assert weight.update == pytest.approx((0.1 * gradients[0][0].norm() / before.norm()).item(), rel=1e-4)


def test_accumulated_gradients_are_one_step():
    model, x = Calls(F.relu), numbers(64, 6)
    optimizer = torch.optim.Adam(model.parameters())
    with ub.watch(model, probe=x[:16], every=1) as w:
        for _ in range(3):
            for part in x.chunk(4):
                model(part).square().mean().backward()
            optimizer.step()
            optimizer.zero_grad()
    assert w.steps == 3 and w.history.steps.tolist() == [0, 1, 2, 3]


def test_steps_of_other_models_are_not_counted_and_hand_made_ones_can_be():
    model, other = Calls(F.relu), Calls(F.relu)
    with ub.watch(model, probe=numbers(16, 6), every=1) as w:
        train(other, numbers(64, 6), steps=2)
        assert w.steps == 0
        w.step()
    assert w.steps == 1


def test_of_optimizers_in_turn_the_first_counts_and_then_the_one_that_goes_on():
    model, x = Calls(F.relu), numbers(32, 6)
    body, head = (torch.optim.SGD(part.parameters(), lr=0.01) for part in (model.layer, model.head))
    with ub.watch(model, probe=x[:16], every=1) as w:
        for _ in range(3):
            model(x).square().mean().backward()
            body.step()
            head.step()
        assert w.steps == 3
        for _ in range(4):
            model(x).square().mean().backward()
            head.step()
    assert w.steps == 7


@pytest.mark.parametrize("optimizer", [torch.optim.Adam, torch.optim.LBFGS])
def test_a_step_with_a_closure_is_seen(optimizer):
    model, x = Calls(F.relu), numbers(32, 6)
    steps = optimizer(model.parameters(), lr=0.01)

    def closure():
        steps.zero_grad()
        loss = model(x).square().mean()
        loss.backward()
        return loss

    with ub.watch(model, probe=x[:16], every=1) as w:
        steps.step(closure)
    assert w.steps == 1 and w.history.samples[-1].weights[0].gradient > 0


def test_mixed_precision_is_measured_in_full():
    model, x = mlp().train(), numbers(64, 6)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with ub.watch(model, probe=x[:16], every=1) as w, torch.autocast("cpu", torch.bfloat16):
        loss = model(x).square().mean()
        loss.backward()
        optimizer.step()
    assert w.health.layers[0].measure.finite and w.health.layers[0].weight.update > 0


@pytest.mark.parametrize("fused", [False, True])
def test_steps_that_a_scaler_skips_are_no_fault(fused):
    model, x = mlp().train(), numbers(64, 6)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, fused=fused)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**24)
    with ub.watch(model, probe=x[:16], every=1) as w:
        for _ in range(12):
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.float16):
                loss = model(x).float().square().mean()
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
    assert scaler.get_scale() < 2**24 and not any(sample.broken for sample in w.history.samples)
    assert w.history.of_weight("0.weight", "gradient")[-1] == pytest.approx(model[0].weight.grad.norm().item())


def test_a_compiled_model_is_watched_through_its_own_modules():
    model, x = Calls(F.relu), numbers(64, 6)
    compiled = torch.compile(model, backend="eager")
    with ub.watch(compiled, probe=x[:16], every=1) as w:
        train(compiled, x, steps=3)
    assert w.steps == 3 and "compiled" in w.notices[0].en and "torch.compile" in w.notices[0].zh


def test_the_module_inside_distributed_training_is_watched(tmp_path):
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1)
    try:
        model, x = Calls(F.relu), numbers(64, 6)
        parallel = nn.parallel.DistributedDataParallel(model)
        with ub.watch(parallel, probe=x[:16], every=1) as w:
            train(parallel, x, steps=2)
    finally:
        torch.distributed.destroy_process_group()
    assert w.steps == 2 and w.health.layers[0].measure.name == "relu"


def _one_of_two(rank, store, queue):
    torch.distributed.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)
    model, x = mlp().train(), numbers(64, 6)
    parallel = nn.parallel.DistributedDataParallel(model)
    with ub.watch(parallel, probe=x[:16], every=2) as w:
        losses, _ = train(parallel, x[rank::2], steps=4)
    queue.put((rank, w.history.steps.tolist(), losses))
    del parallel  # its threads end before the process does
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()


def test_of_two_processes_the_first_watches_and_neither_waits(tmp_path):
    context = torch.multiprocessing.get_context("spawn")
    queue = context.SimpleQueue()
    torch.multiprocessing.spawn(_one_of_two, (str(tmp_path / "store"), queue), nprocs=2)
    found = sorted(queue.get() for _ in range(2))
    assert [(rank, steps) for rank, steps, _ in found] == [(0, [0, 2, 4]), (1, [])]


def test_sharded_weights_are_refused():
    class FSDPModule(nn.Sequential):
        """Has the name that torch gives to a model with sharded weights."""

    with pytest.raises(ub.UnbendError, match="the model's weights are sharded"):
        ub.watch(FSDPModule(nn.Linear(6, 8), nn.ReLU()), probe=numbers(8, 6))


class Remembering(nn.Module):
    """A block that is computed again on the way back."""

    def __init__(self, reentrant):
        super().__init__()
        self.first, self.block, self.reentrant = nn.Linear(6, 8), Calls(F.gelu), reentrant
        self.block.layer = nn.Linear(8, 8)

    def forward(self, x):
        return checkpoint(self.block, torch.tanh(self.first(x)), use_reentrant=self.reentrant)


@pytest.mark.parametrize("reentrant", [True, False])
def test_checkpoints_are_seen_once(reentrant):
    w = ub.watch(Remembering(reentrant), probe=numbers(64, 6))
    assert [layer.name for layer in w.history.samples[0].layers] == ["tanh", "block/gelu"]
    assert bool(w.notices) == reentrant
    assert reentrant == all(layer.gradient != layer.gradient for layer in w.history.samples[0].layers)


def test_a_model_that_draws_numbers_gets_the_same_ones_and_a_notice():
    w = ub.watch(Calls(lambda z: F.relu(F.dropout(z, 0.5))), probe=numbers(16, 6))
    assert "draws random numbers" in w.notices[0].en and "training=self.training" in w.notices[0].zh


class Counting(nn.Module):
    """Each call differs from the one before."""

    def __init__(self):
        super().__init__()
        self.layer, self.calls = nn.Linear(6, 8), 0

    def forward(self, x):
        self.calls += 1
        return F.relu(self.layer(x) + self.calls)


class Counted(nn.Module):
    """Takes batches of 16 only; ``rows`` are those of each call."""

    def __init__(self, only=16):
        super().__init__()
        self.layer, self.only, self.rows = mlp(), only, []

    def forward(self, x):
        self.rows.append(len(x))
        if self.only not in (None, len(x)):
            raise ValueError("not so few")
        return self.layer(x)


def test_a_slow_model_is_compared_with_itself_on_few_rows(monkeypatch):
    monkeypatch.setattr("unbend.watching.torch.model.SLOW", 0.0)
    x = numbers(16, 6)
    model, refusing, plain = Counted(None), Counted(16), mlp()
    plain.load_state_dict(model.layer.state_dict())
    refusing.layer.load_state_dict(model.layer.state_dict())
    watches = [ub.watch(one, probe=x) for one in (model, refusing, plain)]
    assert model.rows[:3] == [16, 8, 8] and refusing.rows[:3] == [16, 8, 16]
    one, other, last = (w.history.samples[0] for w in watches)
    assert one.places.count == 16 and [layer.spread for layer in one.layers] == [layer.spread for layer in last.layers]
    assert [layer.gradient for layer in one.layers] == [layer.gradient for layer in other.layers]
    assert all(
        (mine.points == theirs.points).all()
        for mine, theirs in zip(one.places.layers, other.places.layers, strict=True)
    )
    with pytest.raises(ub.UnbendError, match="'relu' answers the same probe differently each time"):
        ub.watch(Counting(), probe=x)
    drawing = ub.watch(Calls(lambda z: F.relu(F.dropout(z, 0.5))), probe=x)
    assert "draws random numbers" in drawing.notices[0].en


class Embedded(nn.Module):
    """Its embedding shrinks its own weights when it is used."""

    def __init__(self):
        super().__init__()
        self.embedding, self.head = nn.Embedding(11, 8, max_norm=0.1), nn.Linear(8, 2)

    def forward(self, x):
        return self.head(torch.tanh(self.embedding(x)).mean(1))


def test_an_embedding_with_a_largest_norm_is_not_shrunk_by_looking():
    model = Embedded()
    before = model.embedding.weight.detach().clone()
    (one,) = layers(model, tokens(8))
    assert torch.equal(before, model.embedding.weight) and one.spread < 0.1


def with_nan(x):
    x[3:5, 1] = float("nan")
    return x


@pytest.mark.parametrize("model, probe, message", [
    (lambda: nn.Linear(6, 2), lambda: numbers(8, 6), "Linear calls no activation on this probe"),
    (mlp, lambda: numbers(8, 5), r"Sequential does not take the probe of shape \(8, 5\): mat1 and mat2"),
    (mlp, lambda: numbers(0, 6), r"the probe of shape \(0, 6\) is empty"),
    (mlp, lambda: numbers(8, 6).to("meta"), "the probe is on meta, the model on cpu; pass probe.to"),
    (lambda: mlp().to("meta"), lambda: numbers(8, 6), "the model is on the device 'meta', where it has no numbers"),
    (Counting, lambda: numbers(8, 6), "'relu' answers the same probe differently each time"),
    (lambda: "resnet", lambda: numbers(8, 6), "a str is no model that can be watched"),
    (mlp, lambda: [object()], "a probe holds tensors or arrays of inputs, and this one a object"),
    (mlp, lambda: with_nan(numbers(8, 6)), "the probe holds 2 NaN, the first in row 3, which Sequential passes"),
])  # fmt: skip
def test_what_cannot_be_watched_is_said_in_one_sentence(model, probe, message):
    with pytest.raises(ub.UnbendError, match=message):
        ub.watch(model(), probe=probe())


def test_a_missing_framework_is_named(monkeypatch):
    import builtins

    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "torch":
            raise ImportError("No module named 'torch'")
        return real(name, *args, **kwargs)

    import sys

    for name in [name for name in sys.modules if name.startswith("unbend.watching.torch.model")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ub.UnbendError, match=r"watching a Sequential needs torch.*pip install torch"):
        ub.watch(mlp(), probe=[[0.0]])


def test_a_watch_cannot_be_entered_twice():
    model, x = made("mlp")
    with ub.watch(model, probe=x[:16]) as w, pytest.raises(ub.UnbendError, match="open already"), w:
        pass


def test_arrays_tuples_and_dicts_are_probes():
    model = Calls(F.relu).double()
    x = numbers(16, 6).numpy()
    for probe in (x, (x,), [x.tolist()], {"x": x}):
        assert len(layers(model, probe)) == 1


def stack(activation, depth, width=32, inputs=8):
    sizes = [inputs, *[width] * depth]
    return nn.Sequential(
        *(part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), activation())),
        nn.Linear(width, 2),
    )


def watched(model, x, rate=1e-2, optimizer=torch.optim.Adam, steps=100):
    with ub.watch(model, probe=x[:64], every=10) as w:
        train(model, x, steps=steps, rate=rate, optimizer=optimizer)
    return w.health


def kinds(health):
    return {flag.kind for flag in health.flags if flag.severity == "alarm"}


def test_a_healthy_model_is_called_healthy():
    torch.manual_seed(0)
    health = watched(stack(nn.ReLU, 2), numbers(256, 8))
    assert health.is_healthy and health.verdict.en == "Healthy: Sequential shows no fault."


def test_planted_faults_are_found():
    torch.manual_seed(0)
    x = numbers(256, 8)
    assert "vanishing" in kinds(watched(stack(nn.Sigmoid, 20), x))
    assert "saturated" in kinds(watched(stack(nn.Tanh, 2), 100 * x))
    assert "dead" in kinds(watched(stack(nn.ReLU, 2), x, rate=3.0))
    shifted = stack(nn.ReLU, 2)
    shifted[0].bias.data.fill_(-30)
    assert "dead" in kinds(watched(shifted, x))


def test_an_exploding_recurrent_net_is_found():
    torch.manual_seed(0)
    model = Cells(lambda *args, **more: nn.RNN(*args, nonlinearity="relu", **more), width=16)
    model.layer.weight_hh_l0.data.copy_(2.0 * torch.eye(16))
    flags = ub.watch(model, probe=numbers(32, 20, 3)).health.flags
    assert ("exploding_in_time", "alarm") in {(flag.kind, flag.severity) for flag in flags}


def test_the_first_nan_is_caught_at_its_step_with_its_layer():
    torch.manual_seed(0)
    model, x = stack(nn.ReLU, 3), numbers(256, 8)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with ub.watch(model, probe=x[:16], every=1000) as w:
        for step in range(1, 8):
            if step == 5:
                model[2].weight.data.fill_(float("inf"))
            optimizer.zero_grad()
            model(x).square().mean().backward()
            optimizer.step()
    (flag,) = [flag for flag in w.health.flags if flag.kind == "broken"]
    assert (flag.since, flag.place, flag.before) == (5, "3", 4)
    assert w.health.layers[0].measure.finite


def test_a_poisoned_batch_is_told_from_a_broken_layer():
    torch.manual_seed(0)
    model, x = stack(nn.ReLU, 2), numbers(64, 8)
    poisoned = x.clone()
    poisoned[3] = float("nan")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with ub.watch(model, probe=x[:16]) as w:
        model(poisoned).square().mean().backward()
        optimizer.step()
    (flag,) = [flag for flag in w.health.flags if flag.kind == "broken_gradient"]
    assert flag.since == 1 and "inputs and the loss of that batch" in flag.advice.en


class Steps(nn.Module):
    """A recurrent cell in a loop of the user's own; what it returns is a dictionary."""

    def __init__(self):
        super().__init__()
        self.cell, self.head = nn.GRUCell(6, 5), nn.Linear(5, 1)

    def forward(self, x):
        state = torch.zeros(len(x), 5)
        for _ in range(20):
            state = self.cell(x, state)
        return {"y": self.head(state), "steps": 20}


@pytest.mark.parametrize("model, x, name", [
    (lambda: nn.Sequential(nn.Linear(6, 1), nn.ReLU(), nn.Linear(1, 1)), numbers(16, 6), "1"),
    (lambda: nn.Sequential(nn.Linear(6, 3), nn.ReLU(), nn.Linear(3, 1)).requires_grad_(False), numbers(16, 6), "1"),
    (lambda: nn.Sequential(nn.Linear(6, 3), nn.ReLU(), nn.Linear(3, 1)).bfloat16(), numbers(16, 6), "1"),
    (lambda: nn.Sequential(nn.Conv2d(1, 3, 3), nn.PReLU(3), nn.Flatten(), nn.Linear(108, 1)), numbers(4, 1, 8, 8), "1"),
    (Steps, numbers(16, 6), "cell/reset"),
])  # fmt: skip
def test_unusual_models_are_measured_in_full(model, x, name):
    first = layers(model(), x)[0]
    assert first.name == name and first.finite and first.gradient > 0


def test_without_a_probe_the_first_batch_is_kept():
    model, x = mlp().train(), numbers(400, 6)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    start = {name: one.clone() for name, one in model.state_dict().items()}
    with ub.watch(model, every=1) as w:
        assert not w.history.samples
        for _ in range(3):
            model(x).square().mean().backward()
            optimizer.step()
    assert w.history.steps.tolist() == [0, 1, 2, 3] and not model._forward_pre_hooks
    model.load_state_dict(start)
    early = ub.watch(model, probe=x[:256]).history.samples[0]
    assert [one.mean for one in w.history.samples[0].layers] == pytest.approx([one.mean for one in early.layers])


@pytest.mark.parametrize("wrap", [lambda model: model, lambda model: torch.compile(model, backend="eager")])
def test_the_first_batch_may_be_of_any_kind(wrap):
    class Named(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = Calls(F.relu)

        def forward(self, batch, *, scale):
            return self.inner(batch["x"] * scale)

    model = wrap(Named())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with ub.watch(model, every=1) as w:
        model.eval()({"x": numbers(8, 6)}, scale=1.0)  # no batch of training
        model.train()({"x": numbers(32, 6)}, scale=2.0).sum().backward()
        optimizer.step()
    assert w.history.steps.tolist() == [0, 1] and w.history.samples[0].layers[0].rank_limit == 8


def test_without_a_probe_what_does_not_fit_is_said_at_the_first_step():
    model = nn.Sequential(nn.Linear(6, 2))
    with pytest.raises(ub.UnbendError, match="Sequential calls no activation on this probe"), ub.watch(model):
        train(model, numbers(64, 6), steps=1)
    compiled = mlp()
    compiled.compile(backend="eager")
    with pytest.raises(ub.UnbendError, match=r"no hook reaches the first batch of a model compiled in place"):
        ub.watch(compiled)


def test_a_probe_of_few_rows_is_told_about():
    model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 2))
    few, many = ub.watch(model, probe=torch.randn(4, 6)), ub.watch(model, probe=torch.randn(64, 6))
    assert "The probe has so few rows" in few.summary() and "探针的行数太少" in few.summary("zh")
    assert not many.notices


def test_nan_that_a_model_fills_in_are_no_fault_of_the_probe():
    class Filling(nn.Module):
        def __init__(self):
            super().__init__()
            self.behind = mlp()

        def forward(self, x):
            return self.behind(torch.nan_to_num(x))

    assert ub.watch(Filling(), probe=with_nan(numbers(64, 6))).health.is_healthy


def test_an_optimizer_of_another_model_is_told_about():
    watched, trained, x = mlp(), mlp(), numbers(64, 6)
    with ub.watch(watched, probe=x) as w:
        assert not w.notices
        train(trained, x, steps=2)
    assert w.steps == 0 and "No optimizer changed this model while it was watched" in w.summary()
    assert "没有优化器更新过这个模型" in w.summary("zh")
    with w:
        train(watched, x, steps=1)
    assert w.steps == 1 and not w.notices


def test_inputs_that_do_not_fit_are_one_sentence():
    model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 2))
    with pytest.raises(ub.UnbendError, match=r"shape \(6,\), \(6,\), \(6,\), \(6,\), … \(64 inputs\): "):
        ub.watch(model, probe=torch.randn(64, 6).tolist())
    with pytest.raises(ub.UnbendError, match="the output does not hold one row for each input"):
        ub.watch(model, probe=torch.randn(6)).recording(torch.randn(9, 6), np.arange(9) % 2)
    with pytest.raises(ub.UnbendError, match="the watch of Sequential has no samples yet; train inside `with` first"):
        ub.watch(model).recording(torch.randn(9, 6), np.arange(9) % 2)


def test_training_goes_on_where_the_probe_no_longer_goes_through():
    model, x = Calls(F.relu), numbers(64, 6)
    with ub.watch(model, probe=x[:16], every=1) as w:
        train(model, x, steps=2)
        model.head = nn.Linear(4, 2)

        def narrow(z):
            if len(z) == 16:
                raise KeyError("no such batch")
            return F.relu(z)[:, :4]

        model.call = narrow
        train(model, x, steps=2)
    assert w.history.steps.tolist() == [0, 1, 2]
    assert "At step 3 the probe no longer went through the model ('no such batch')" in w.summary()
    assert "第 3 步" in w.summary("zh")
