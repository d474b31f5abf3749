"""A model looked at and left as it was: flags, buffers, gradients and random numbers come back, whatever happens."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager

import torch
from torch import nn

from unbend.text import Text
from unbend.watching.probing import SEED, random_state

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)
COMPILED = Text(
    zh="模型经过 torch.compile：探针在未编译的同一模块上逐步运行，权重共用，编译好的代码不受影响。",
    en="The model is compiled: the probe runs through the same modules uncompiled, with the same weights, and the "
    "compiled code is left alone.",
)


@contextmanager
def undisturbed(model: nn.Module, seed: int = SEED) -> Generator[None]:
    """Run a model inside as for evaluation, without a trace on it or on any random state.

    Modules are in evaluation mode, normalisation by batch statistics excepted: it keeps the user's own flag, and writes
    into copies of its buffers. Parameters ask for no gradient meanwhile; autocast and compiled code are off.
    """
    with ExitStack() as stack:
        for context in (_random_state(model, seed), _flags(model), _buffers(model), _frozen(model)):
            stack.enter_context(context)
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        for kind in {parameter.device.type for parameter in model.parameters()} | {"cpu"}:
            stack.enter_context(torch.autocast(kind, enabled=False))
        stack.enter_context(torch.compiler.set_stance("force_eager"))
        yield


@contextmanager
def _random_state(model: nn.Module, seed: int) -> Generator[None]:
    """Every generator that a module can draw from without being handed one."""
    devices = sorted({one.device.index or 0 for one in model.parameters() if one.device.type == "cuda"})
    with random_state(seed), torch.random.fork_rng(devices=devices):
        # torch.manual_seed would reach devices that the model is not on.
        torch.default_generator.manual_seed(seed)
        for device in devices:
            torch.cuda.default_generators[device].manual_seed(seed)
        yield


@contextmanager
def _flags(model: nn.Module) -> Generator[None]:
    modules = list(model.modules())
    flags = [module.training for module in modules]
    try:
        for module in modules:
            # Not by eval(): a module may do more there than set its flag.
            module.training = module.training and isinstance(module, BATCH_NORMS)
        yield
    finally:
        for module, flag in zip(modules, flags, strict=True):
            module.training = flag


@contextmanager
def _buffers(model: nn.Module) -> Generator[None]:
    """Copies in place of the buffers: the originals are neither written to nor counted as written to."""
    tables: list[dict[str, torch.Tensor | None]] = [vars(module)["_buffers"] for module in model.modules()]
    places = [(buffers, dict(buffers)) for buffers in tables if buffers]
    copies: dict[int, torch.Tensor] = {}
    try:
        for buffers, originals in places:
            for name, tensor in originals.items():
                if tensor is not None:
                    buffers[name] = copies.setdefault(id(tensor), tensor.detach().clone())
        yield
    finally:
        for buffers, originals in places:
            buffers.clear()
            buffers.update(originals)


@contextmanager
def _frozen(model: nn.Module) -> Generator[None]:
    """No gradient by a parameter: the way back is cheaper, and no hook on a parameter is called."""
    asking = [one for one in model.parameters() if one.requires_grad and one.is_leaf]
    try:
        for parameter in asking:
            parameter.requires_grad_(False)
        yield
    finally:
        for parameter in asking:
            parameter.requires_grad_(True)
