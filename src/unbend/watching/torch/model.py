"""Watching a PyTorch model: the probe is sent through it after sampled steps of its optimizer, and leaves no trace."""

from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from time import perf_counter
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from unbend.errors import UnbendError
from unbend.text import Text
from unbend.watching.history import Sample
from unbend.watching.measure import ZERO, Response, WeightMeasure, measure, update_ratio
from unbend.watching.places import Places, Placing
from unbend.watching.probing import SEED, SIGNS, named, nan_told, nothing_to_watch, score_weights, usual_inputs
from unbend.watching.stack import Stack
from unbend.watching.theory import StackLayer, Theory, theory
from unbend.watching.torch.places import Way, way
from unbend.watching.torch.probe import Inputs, checked_probe, first_rows, model_behind, of_tensors, refused
from unbend.watching.torch.sites import Site
from unbend.watching.torch.stack import Plan, planned
from unbend.watching.torch.state import undisturbed
from unbend.watching.torch.trace import Trace
from unbend.watching.watch import Begin

End = Callable[[], None]
SLOW = 0.5  # seconds that a run takes, from which on few rows are compared
FEW = 8
SENTINEL_EVERY = 25  # steps between looks for NaN where a look has to wait for the device


class TorchModel:
    """A PyTorch model, its probe, and the hooks on the steps of its optimizers."""

    def __init__(self, model: nn.Module, probe: Any) -> None:
        """Check the model and the probe by running it twice; `UnbendError` says what does not fit."""
        self.model, self.notices = model_behind(model)
        self.active = not torch.distributed.is_available() or not _rank()
        self.theory: Theory | None = None
        self.look_seconds: float | None = None
        self._run_seconds = 0.0
        self._called, self._checked = model, False
        self._inputs = None if probe is None else checked_probe(self.model, probe)
        self._usual: dict[str, float] = {}
        self._before: dict[int, Tensor] = {}
        self._first: Optimizer | None = None
        self._second: Optimizer | None = None
        self._ours: WeakKeyDictionary[Optimizer, bool] = WeakKeyDictionary()
        self._sentinel: nn.Parameter | None = None
        self._steps, self._skipped = 0, False
        self._ready: list[Site] | None = None
        self._way: Way | None = None
        self._placing = Placing()
        self._plan: Plan | None = None
        self._seen = self._planned = ""
        self._handles: list[Any] = []
        if self._inputs is not None:
            self._check()
        elif getattr(model, "_compiled_call_impl", None) is not None:
            raise UnbendError(
                "no hook reaches the first batch of a model compiled in place; give a probe: ub.watch(model, X[:256])"
            )

    @property
    def ready(self) -> bool:
        """Whether there is a probe."""
        return self._inputs is not None

    def probe_fault(self) -> str | None:
        """How many NaN it holds."""
        given: list[Tensor] = []
        of_tensors(self._inputs, lambda one: given.append(one) or one)
        return nan_told(one.float().cpu().numpy() for one in given)

    def attach(self, begin: Begin, end: End) -> None:
        """Call ``begin`` before and ``end`` after every step of an optimizer that updates this model.

        ``begin`` is given a function that says whether the gradient holds NaN or Inf. Of several optimizers that take
        turns the first one to step counts.
        """

        def before(optimizer: Optimizer, args: Any, kwargs: Any) -> Any:
            if not self._counts(optimizer):
                return None
            self._steps, self._skipped = self._steps + 1, _skips(optimizer)
            return _once_computed(lambda: begin(self._gradient_is_broken), args, kwargs)

        def after(optimizer: Optimizer, args: Any, kwargs: Any) -> None:
            if optimizer is self._first:
                end()

        self._handles = [register_optimizer_step_pre_hook(before), register_optimizer_step_post_hook(after)]
        if self._inputs is None:
            self._handles.append(self._called.register_forward_pre_hook(self._keep_batch, with_kwargs=True))

    def detach(self) -> None:
        """Take the hooks away again."""
        for handle in self._handles:
            handle.remove()
        self._handles, self._first, self._second, self._sentinel = [], None, None, None
        self._before = {}

    def prepare(self) -> None:
        """Remember the weights before an update."""
        self._before = {id(one): one.detach().clone() for _, one in self._weight_arrays()}

    def _keep_batch(self, module: nn.Module, args: Any, kwargs: Any) -> None:
        if self._inputs is None and module.training:
            self._inputs = first_rows(args, kwargs)

    def sample(self, step: int) -> Sample:
        """What the probe and the weights say now."""
        if not self._checked:
            self._check()
        begun = perf_counter()
        weights = self._measured_weights()
        sites, self._ready = self._ready or self._run(), None
        places = list(named(sites))
        self._seen = ", ".join(f"{name} {site.known.formula if site.known else site.name}" for name, site in places)
        responses = [self._response(site, name) for name, site in places]
        found = Sample(step, tuple(measure(one) for one in responses), weights, places=self._places(places))
        if self.look_seconds is None:
            self.look_seconds = self._run_seconds + perf_counter() - begun
        return found

    def _places(self, sites: list[tuple[str, Site]]) -> Places | None:
        if self._way is None:
            return None
        hidden = [(name, site.place) for name, site in sites if site.place is not None]
        return self._placing(self._way.count, self._way.first, hidden, self._way.output, self._way.fixed)

    def stack(self) -> Stack:
        """The model as a plain stack of layers, with the weights it has now."""
        assert self._inputs is not None
        if self._plan is not None and self._seen == self._planned and (found := self._plan.read(self.model)):
            return found
        args, kwargs = self._inputs
        found, self._plan = planned(self.model, (*args, *kwargs.values()))
        self._planned = self._seen
        return found

    def _check(self) -> None:
        """A model without activations, or one that is not the same twice, is told about before training starts."""
        self._checked = True
        begun = perf_counter()
        sites = self._first_run()
        self._run_seconds = perf_counter() - begun
        if not sites:
            raise nothing_to_watch(self.model)
        self.theory = self._theory(sites)
        way = self._way
        if self._run_seconds < SLOW or not self._takes_few():
            begun = perf_counter()
            self._compare(sites, self._run(1), self._inputs)
            self._run_seconds = perf_counter() - begun
        self._ready, self._way = sites, way

    def _takes_few(self) -> bool:
        """Compare runs of a few rows, which is enough where all take long; False if the model does not take so few."""
        assert self._inputs is not None
        few = first_rows(*self._inputs, FEW)
        try:
            first, other = self._run(0, few), self._run(1, few)
        except Exception:
            return False
        self._compare(first, other, few)
        return True

    def _compare(self, sites: list[Site], others: list[Site], inputs: Inputs | None) -> None:
        """Tell of random numbers if two runs that drew different ones differ; `UnbendError` if equal ones do, too."""
        drawing = _difference(sites, others)
        if drawing is None:
            return
        changing = _difference(sites, self._run(0, inputs))
        if changing is not None:
            raise UnbendError(
                f"activation {changing!r} answers the same probe differently each time, in evaluation mode and with "
                "the same random state; what it sees changes by itself, so put that outside the model"
            )
        self.notices += (_drawing(drawing),)

    def _first_run(self) -> list[Site]:
        try:
            return self._run()
        except Exception as error:
            assert self._inputs is not None
            raise refused(self.model, self._inputs, error) from None

    def _run(self, seed: int = 0, inputs: Inputs | None = None) -> list[Site]:
        """Send the probe, or other ``inputs``, through the model and a random score's gradient back."""
        with undisturbed(self.model, SEED + seed):
            trace = Trace(self.model)
            args, kwargs = of_tensors(inputs or self._inputs, lambda one: _with_gradient(one, trace.leaves))
            given = len(trace.leaves)
            with trace.watching():
                output = self.model(*args, **kwargs)
            outputs = [one for one in _tensors(output) if one.is_floating_point()]
            trace.finish(outputs)
            self._way = way(trace.leaves, given > 0, list(trace.sites.values()), outputs)
            self._back([one for one in outputs if one.requires_grad], trace.leaves)
            for site in trace.sites.values():
                self._evaluate(site)
        return list(trace.sites.values())

    def _back(self, outputs: list[Tensor], leaves: list[Tensor]) -> None:
        if not outputs or not leaves:
            return
        try:
            torch.autograd.grad(
                outputs, leaves, [_signs(one) for one in outputs], allow_unused=True
            )  # fmt: skip
        except RuntimeError as error:
            if "heckpoint" not in str(error):
                raise
            if NO_WAY_BACK not in self.notices:
                self.notices += (NO_WAY_BACK,)

    def _evaluate(self, site: Site) -> None:
        """Values and slopes of the activation at the rows kept, by its own derivative."""
        z = torch.cat([call.z for call in site.calls if call.z is not None]).requires_grad_()
        with torch.enable_grad():
            h = site.function(z.clone())
            slope = torch.autograd.grad(h.sum(), z)[0] if h.requires_grad else torch.zeros_like(z)
        site.kept = z.detach(), h.detach(), slope
        key = f"{site.path}/{site.name}"
        if key not in self._usual:
            self._usual[key] = _usual(site.function, z)

    def _response(self, site: Site, name: str) -> Response:
        z, h, slope = (one.float().cpu().numpy() for one in site.kept)
        peak = torch.stack([call.peak for call in site.calls]).amax(0).cpu().numpy()
        gradients = [float("nan") if one.gradient is None else float(one.gradient) for one in site.calls]
        return Response(
            name, site.known.name if site.known else site.name, z, h, slope, peak <= ZERO, np.array(gradients),
            bool(np.isfinite(peak).all() and np.isfinite(z).all()), site.role, site.weight, site.known,
            self._usual[f"{site.path}/{site.name}"],
        )  # fmt: skip

    def _theory(self, sites: list[Site]) -> Theory | None:
        hidden = [site for site in sites if site.role != "output"]
        if not all(site.plain and site.known and site.layer and len(site.calls) == 1 for site in hidden):
            return None
        return theory([_stack_layer(site) for site in hidden])

    def _weight_arrays(self) -> Iterator[tuple[str, nn.Parameter]]:
        return ((name, one) for name, one in self.model.named_parameters() if one.ndim > 1)

    def _measured_weights(self) -> tuple[WeightMeasure, ...]:
        found = tuple(self._weight(name, one) for name, one in self._weight_arrays())
        self._before = {}
        return found

    def _weight(self, name: str, parameter: nn.Parameter) -> WeightMeasure:
        norm = _norm(parameter.detach())
        given = None if self._skipped else parameter.grad
        gradient = float("nan") if given is None else _norm(given)
        before, update = self._before.get(id(parameter)), float("nan")
        if before is not None:
            update = update_ratio(_norm(before), _norm(parameter.detach() - before))
        sound = np.isfinite(norm) and (given is None or np.isfinite(gradient))
        return WeightMeasure(name, norm, gradient, update, bool(sound))

    def _counts(self, optimizer: Optimizer) -> bool:
        """Whether a step of this optimizer is one of the model: of several ones in turn, the first one's are."""
        if optimizer is not self._first:
            if not self._is_ours(optimizer):
                return False
            if self._first is not None and optimizer is not self._second:
                self._second = optimizer
                return False
            self._first = optimizer  # the only one so far, or twice in a row: training goes on with it
        self._second = None
        return True

    def _is_ours(self, optimizer: Optimizer) -> bool:
        if optimizer not in self._ours:
            own = {id(one) for one in self.model.parameters()}
            given = (id(one) for group in optimizer.param_groups for one in group["params"])
            self._ours[optimizer] = any(one in own for one in given)
        return self._ours[optimizer]

    def _gradient_is_broken(self) -> bool:
        """Whether the gradient of one small parameter near the output holds NaN or Inf."""
        gradient = None if self._sentinel is None else self._sentinel.grad
        if gradient is None:
            self._sentinel = self._small_parameter()
            gradient = None if self._sentinel is None else self._sentinel.grad
        if gradient is None or (gradient.is_cuda and self._steps % SENTINEL_EVERY) or self._skipped:
            return False
        return not isfinite(gradient.sum().item())

    def _small_parameter(self) -> nn.Parameter | None:
        """The last one with a gradient, of those that are quickly summed."""
        given = [one for one in self.model.parameters() if one.grad is not None]
        return next((one for one in reversed(given) if one.numel() <= SIGNS), given[-1] if given else None)


def _once_computed(begin: Callable[[], None], args: Any, kwargs: Any) -> Any:
    """Call ``begin`` when there is a gradient: now, or after a step's closure, which computes it, was called once.

    What is returned are the arguments of the step, if they are other ones.
    """
    closure = kwargs.get("closure", args[1] if len(args) > 1 else None)
    if closure is None:
        return begin()
    waiting = [begin]

    def computed() -> Any:
        loss = closure()
        if waiting:
            waiting.pop()()
        return loss

    if "closure" in kwargs:
        return args, {**kwargs, "closure": computed}
    return (args[0], computed, *args[2:]), kwargs


def _skips(optimizer: Optimizer) -> bool:
    """Whether a fused optimizer under a `GradScaler` will leave the weights alone: the scaled gradient overflowed."""
    return bool(getattr(optimizer, "found_inf", None) or False)


def _rank() -> int:
    return torch.distributed.get_rank() if torch.distributed.is_initialized() else 0


def _norm(tensor: Tensor) -> float:
    tensor = tensor.coalesce().values() if tensor.is_sparse else tensor
    return float(torch.linalg.vector_norm(tensor.float()))


def _tensors(output: Any) -> Iterator[Tensor]:
    """Every tensor in what a model returned."""
    if isinstance(output, Tensor):
        yield output
    elif isinstance(output, Mapping):
        for part in output.values():
            yield from _tensors(part)
    elif isinstance(output, list | tuple):
        for part in output:
            yield from _tensors(part)
    elif hasattr(output, "__dataclass_fields__"):
        yield from _tensors(vars(output))


def _with_gradient(tensor: Tensor, leaves: list[Tensor]) -> Tensor:
    """An input, from whose numbers the way back can be followed; a model may write into it."""
    if not tensor.is_floating_point():
        return tensor.clone()
    leaves.append(tensor.detach().clone().requires_grad_())
    return leaves[-1].clone()


def _signs(output: Tensor) -> Tensor:
    """The weights of the score of the outputs."""
    weights = score_weights(output.numel()).reshape(output.shape)
    return torch.as_tensor(weights, dtype=output.dtype, device=output.device)


def _usual(function: Callable[[Tensor], Tensor], like: Tensor) -> float:
    """The share of slopes below 0.01 for standard normal input, of the first unit if units differ."""
    from unbend.diagnosis.units import FLAT

    column = torch.as_tensor(usual_inputs(), dtype=like.dtype, device=like.device)[:, None]
    z = column.expand(-1, like.shape[1]).clone().requires_grad_()
    h = function(z.clone())
    if not h.requires_grad:
        return 1.0
    return float((torch.autograd.grad(h.sum(), z)[0][:, 0].abs() < FLAT).float().mean())


def _stack_layer(site: Site) -> StackLayer:
    assert site.known is not None and site.layer is not None
    weight, bias = site.layer
    call = site.calls[0]
    z = site.kept[0]
    return StackLayer(
        site.known, float(weight.detach().float().square().sum()) / len(weight),
        0.0 if bias is None else float(bias.detach().float().square().mean()), float(z.square().mean()),
        float("nan") if call.gradient is None else float(call.gradient),
    )  # fmt: skip


def _difference(sites: list[Site], others: list[Site]) -> str | None:
    """The first activation of two runs whose pre-activations differ."""
    first, other = ({name: site.kept[0] for name, site in named(found)} for found in (sites, others))
    return next((name for name in first if not _same(first[name], other.get(name))), None)


def _same(one: Tensor, other: Tensor | None) -> bool:
    return other is not None and one.shape == other.shape and torch.allclose(one, other, 1e-3, 1e-5, equal_nan=True)


NO_WAY_BACK = Text(
    zh="模型用了可重入的检查点（use_reentrant=True），探针的梯度测不到；改用 use_reentrant=False 即可。",
    en="The model uses reentrant checkpoints, through which the probe's gradient cannot be followed; "
    "use_reentrant=False lets it.",
)


def _drawing(name: str) -> Text:
    return Text(
        zh=f"在激活 {name} 之前，模型在评估模式下也会取随机数；探针每次用同样的随机数。若是 F.dropout，请传 "
        "training=self.training。",
        en=f"Before activation {name} the model draws random numbers in evaluation mode too; the probe always gets the "
        "same ones. If it is F.dropout, pass training=self.training.",
    )
