"""Watching leaves a PyTorch model and everything random exactly as they would be without it."""

import copy
import pickle
import random

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="watching PyTorch models needs torch")

import unbend as ub  # noqa: E402
from watched_models import MODELS, made, train  # noqa: E402


def structure(model):
    """Everything of the modules that is no number: what they are, their flags, hooks and attributes."""
    return [
        (name, type(module), module.training, sorted(vars(module)),
         [(key, list(value)) for key, value in vars(module).items() if key.endswith("_hooks")])
        for name, module in model.named_modules()
    ]  # fmt: skip


def state(model):
    """Numbers of a model, what it is and what every generator will draw next."""
    tensors = [*model.parameters(), *model.buffers()]
    generators = (torch.get_rng_state(), random.getstate(), np.random.get_state())  # noqa: NPY002
    identities = [(id(one), one._version, one.requires_grad, one.is_leaf) for one in tensors]
    return [one.detach().clone() for one in tensors], structure(model), copy.deepcopy(generators), identities


def assert_same(one, other, identities=False):
    for mine, theirs in zip(one[0], other[0], strict=True):
        assert torch.equal(mine, theirs)
    assert one[1] == other[1]
    assert torch.equal(one[2][0], other[2][0])
    assert one[2][1] == other[2][1]
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(one[2][2], other[2][2], strict=True))
    assert not identities or one[3] == other[3]


def assert_same_run(one, other):
    assert one[0] == other[0]
    for mine, theirs in zip(one[1], other[1], strict=True):
        assert all(torch.equal(a, b) for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize("every, rows", [(1, 16), (3, 16), ("auto", 16), (2, None)])
@pytest.mark.parametrize("name", MODELS)
def test_a_run_is_the_same_to_the_last_bit(name, every, rows):
    model, x = made(name)
    alone = train(model, x)
    expected = state(model)
    model, x = made(name)
    with ub.watch(model, probe=None if rows is None else x[:rows], every=every):
        watched = train(model, x)
    assert_same_run(alone, watched)
    assert_same(expected, state(model))
    pickle.dumps(model)


@pytest.mark.parametrize("name", MODELS)
def test_looking_changes_nothing_not_even_a_version(name):
    model, x = made(name)
    train(model, x, steps=2)
    gradients = [(id(one.grad), one.grad._version, one.grad.clone()) for one in model.parameters()]
    before = state(model)
    watched = ub.watch(model, probe=x[:16])
    watched.step()
    assert_same(before, state(model), identities=True)
    for parameter, (identity, version, values) in zip(model.parameters(), gradients, strict=True):
        assert id(parameter.grad) == identity and parameter.grad._version == version
        assert torch.equal(parameter.grad, values)


def test_a_run_that_breaks_off_is_let_go_of():
    from torch.optim import optimizer as hooks

    model, x = made("mlp")
    with pytest.raises(KeyError, match="broken off"):
        train(model, x, fail_at=4)
    expected = state(model)
    model, x = made("mlp")
    with pytest.raises(KeyError, match="broken off"), ub.watch(model, probe=x[:16], every=1) as watched:
        train(model, x, fail_at=4)
    assert_same(expected, state(model))
    assert watched.steps == 4
    assert not hooks._global_optimizer_pre_hooks and not hooks._global_optimizer_post_hooks


def test_a_model_that_fails_on_the_probe_is_left_alone():
    from torch.nn.modules import module as hooks

    model, x = made("mlp")
    before = state(model)
    with pytest.raises(ub.UnbendError, match=r"does not take the probe of shape \(16, 5\)"):
        ub.watch(model, probe=x[:16, :5])
    assert_same(before, state(model), identities=True)
    assert not hooks._global_forward_hooks and not hooks._global_forward_pre_hooks


def test_watches_can_be_nested_and_repeated():
    model, x = made("mlp")
    alone = [train(model, x), train(model, x)]
    expected = state(model)
    model, x = made("mlp")
    with ub.watch(model, probe=x[:16], every=1) as outer, ub.watch(model, probe=x[16:32], every=2) as inner:
        watched = [train(model, x)]
    with outer:
        watched.append(train(model, x))
    for mine, theirs in zip(alone, watched, strict=True):
        assert_same_run(mine, theirs)
    assert_same(expected, state(model))
    assert outer.steps == 12 and inner.steps == 6


def test_the_comparison_notices_one_extra_draw():
    model, x = made("mlp")
    alone = train(model, x)
    model, x = made("mlp")
    torch.rand(1)
    with pytest.raises(AssertionError):
        assert_same_run(alone, train(model, x))
