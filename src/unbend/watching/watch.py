"""`watch`: a context manager around the user's own training, whatever framework the model comes from."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from unbend.errors import UnbendError, reason
from unbend.text import Text
from unbend.watching.budget import Budget, Every, Overhead
from unbend.watching.frameworks import framework_of, part_for
from unbend.watching.health import Health, diagnose
from unbend.watching.history import FEWEST_STACKS, STACK_BYTES, History, Sample
from unbend.watching.stack import Stack, too_large
from unbend.watching.telling import summary
from unbend.watching.theory import Theory

if TYPE_CHECKING:
    from unbend.data.dataset import Task
    from unbend.drawing import Figure
    from unbend.recording import Recording

SOURCES = {"keras": "KerasModel", "torch": "TorchModel", "sklearn": "SklearnModel"}
FEWEST_ROWS = 32
FEW = Text(
    en="The probe has so few rows that shares of dead or constant units say little; give 64 to 256.",
    zh="探针的行数太少，死亡或恒定单元的比例说明不了什么；请给 64 到 256 行。",
)
UNSEEN = Text(
    zh="观察期间没有优化器更新过这个模型；请观察把参数交给优化器的那个模型，或在每次更新后调用 w.step()。",
    en="No optimizer changed this model while it was watched; watch the model whose parameters the optimizer was "
    "given, or call w.step() after each update.",
)
LOST = Text(
    zh="第 {step} 步时探针无法再通过模型（{why}）；此后没有取样。",
    en="At step {step} the probe no longer went through the model ({why}); nothing was measured from there on.",
)


class Begin(Protocol):
    """`Watch` is told that a step begins, with a question, and whether it is the first one from new weights."""

    def __call__(self, is_broken: Callable[[], bool], anew: bool = False) -> None:
        """Before the weights change."""
        ...


class Source(Protocol):
    """What a framework's module does for `Watch`: run the probe, and say when the training takes a step.

    ``active`` is False where another process watches; ``notices`` are what a reader must know about the measurement;
    ``look_seconds`` is how long a look will take, where the first one takes longer.
    """

    active: bool
    look_seconds: float | None
    notices: tuple[Text, ...]
    theory: Theory | None

    @property
    def ready(self) -> bool:
        """Whether `sample` can look yet: there are weights, and a probe, which may be the first batch of training."""
        ...

    def attach(self, begin: Begin, end: Callable[[], None]) -> None:
        """Call ``begin`` before each step, with a question: is NaN or Inf in its gradient? ``end`` after it.

        Where the probe is the first batch, it is there, with the first weights, when ``begin`` is called first.
        """
        ...

    def detach(self) -> None:
        """Leave model and training as they were; may be called at any time."""
        ...

    def probe_fault(self) -> str | None:
        """What numbers of the probe break a model, in words; None if none do."""
        ...

    def prepare(self) -> None:
        """A step that will be sampled begins."""
        ...

    def sample(self, step: int) -> Sample:
        """What the probe and the weights say now."""
        ...

    def stack(self) -> Stack:
        """The model as a plain stack of layers, with the weights it has now; `UnbendError` says why it is none."""
        ...


class Watch:
    """A model being watched; made by `watch`, and usable as a context manager as often as training goes on.

    ``history`` holds the samples, ``steps`` the number of updates seen, ``theory`` what mean-field theory says of the
    model at its start, if it is a plain stack of layers.
    """

    def __init__(self, model: Any, source: Callable[[], Source], every: Every = "auto") -> None:
        """Look at the model once; what does not fit raises `UnbendError`."""
        self.name = type(model).__name__
        self.steps = 0
        self.history = History()
        self.budget = Budget(every)
        self._open = self._due = self._broken = False
        self._prepared, self._sound = 0.0, 0
        self._no_stack: UnbendError | None = None
        self._lost: Text | None = None
        with self.budget.watching():
            self._source = source()
        self._look_first()
        if self.history.samples and self.history.samples[0].broken and (fault := self._source.probe_fault()):
            raise UnbendError(f"{fault}, which {self.name} passes on; fill them in, or leave these rows out")

    @property
    def theory(self) -> Theory | None:
        """Predicted and measured signals at the start; None unless the model is a plain stack of known activations."""
        return self._source.theory

    @property
    def notices(self) -> tuple[Text, ...]:
        """What a reader of the numbers must know about how they were measured."""
        few = next((one.places.count for one in self.history.samples if one.places), FEWEST_ROWS) < FEWEST_ROWS
        unseen = not self.steps and not self._open and self.budget.training > 0
        told = (FEW if few else None, UNSEEN if unseen else None, self._lost)
        return (*self._source.notices, *(text for text in told if text is not None))

    @property
    def overhead(self) -> Overhead:
        """What watching cost so far."""
        return self.budget.overhead(self.steps, len(self.history.samples))

    @property
    def health(self) -> Health:
        """The diagnosis from all samples so far."""
        return diagnose(self.name, self.history, self.theory, self.overhead, self.notices)

    def __enter__(self) -> Self:
        """Follow the steps of the model's optimizers from here on."""
        if self._open:
            raise UnbendError("this watch is open already; call ub.watch(model) again for a second one")
        self._open = True
        self.budget.start()
        if self._source.active:
            self._source.attach(self._begin, self._end)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the model, and look a last time unless training broke off."""
        self._source.detach()
        self.budget.stop()
        self._open = self._due = False
        if kind is None and self.history.samples and self.history.samples[-1].step != self.steps:
            with self.budget.watching():
                self._take()

    def step(self) -> None:
        """Say that the model was updated, in a training loop without an optimizer that could be followed."""
        self._begin(lambda: False)
        self._end()

    def recording(self, x: Any, y: Any, activation: Any = None, task: "Task | None" = None) -> "Recording":
        """The training as a `Recording`, if the model is a multilayer perceptron: it counts steps as its epochs.

        x (n, d), y (n,), ``activation`` and ``task`` as in `Recording.from_model`. Kept are the weights after at most
        256 steps, denser early, and of large layers as many as fit into 24 MB. Raises `UnbendError` for other models.
        """
        from unbend.watching.recordings import along

        return along(self.name, self.history.with_stack, self.steps, self._no_stack, x, y, activation, task)

    def summary(self, lang: str = "en") -> str:
        """The diagnosis in ``lang``, "en" or "zh", for a terminal."""
        return summary(self.health, lang)

    def film(self, path: str | PathLike[str], labels: Any = None, lang: str = "en", seconds: float = 8.0) -> None:
        """Write the film of the probe's way through the layers; see `unbend.drawing.path_film`."""
        from unbend.drawing import path_film

        path_film(self, path, labels, lang, seconds)

    def figure(self, labels: Any = None, step: int = -1, lang: str = "en") -> "Figure":
        """Draw the probe's way through the layers after ``step``; see `unbend.drawing.path_figure`."""
        from unbend.drawing import path_figure

        return path_figure(self, labels, step, lang)

    def report(self, path: str | PathLike[str], lang: str = "both") -> Path:
        """Write the diagnosis as a page in one file, with figures of the whole run, and return its path.

        ``lang``: "en", "zh", or "both" with a switch. Folders above the file are made. Raises `UnbendError` for another
        language or a place that cannot be written.
        """
        from unbend.report.health_page import write_health

        return write_health(self.health, self.history, path, lang)

    def to(self, tool: str, path: str | PathLike[str] | None = None, lang: str = "en") -> None:
        """Hand all samples over to ``tool``: "tensorboard", "mlflow", "wandb" or "json"; call it once, after training.

        They are scalars ``unbend/<layer>/<metric>`` at their steps, histograms, figures and the diagnosis in ``lang``,
        "en" or "zh". ``path``: the log directory of TensorBoard, a folder for a new run of MLflow or an offline run of
        Weights & Biases, or a file .json; left out, the run that is active there. What was not measured is not written.
        Raises `UnbendError` where the tool is not installed, or the place cannot be written.
        """
        from unbend.drawing.health import health_figures
        from unbend.watching.exports.export import Watched, export

        health, history, words = self.health, self.history, self.summary(lang)
        watched = Watched(history, health, words, lambda: health_figures(health, history, lang))
        if self._source.active:
            export(watched, tool, path)

    def check(self, *conditions: str) -> None:
        """Raise `HealthError`, an `AssertionError` too, if any of the conditions holds now; none given: "alarm".

        A condition is what must not be: "dead>0.2", "gradient_ratio<1e-3", or "alarm", "warning", "note" for a flag at
        least as bad; see `unbend.watching.conditions`. NaN and Inf always fail. Raises `UnbendError` for what is no
        condition, or where nothing that it speaks of was measured.
        """
        from unbend.watching.checking import check, failure
        from unbend.watching.conditions import conditions as read

        wanted = read(conditions or ("alarm",))
        if self._source.active and (found := check(wanted, self.health, self.history)):
            raise failure(found, self.name, self.steps)

    def __str__(self) -> str:
        """The summary in English."""
        return self.summary()

    def __repr__(self) -> str:
        """One line."""
        return f"<Watch {self.name}: {self.steps} steps, {len(self.history.samples)} samples>"

    def _look_first(self) -> None:
        """The sample of step 0, as soon as there is something to look at."""
        if not self._source.ready:
            return
        with self.budget.watching():
            self._take()
        self.budget.setup = self.budget.spent
        # Two passes take longer than one look, and far longer where the first one is compiled.
        self.budget.cost = self._source.look_seconds or self.budget.spent

    def _begin(self, is_broken: Callable[[], bool], anew: bool = False) -> None:
        """Before a step; ``anew``: it is the first one from other weights than there were before training."""
        if not self.history.samples or (anew and not self.steps):
            self._look_first()
        self.steps += 1
        begun = self.budget.clock()
        if self._lost is not None or self.budget.is_quiet(self.steps, begun):
            return
        if not self._broken and is_broken():
            self._broken = True
            self._take(sound=self._sound)  # while the weights are still what they were when the gradient broke
        elif self.budget.due(self.steps):
            self._source.prepare()
            self._due, self._prepared = True, self.budget.clock() - begun
        else:
            self.budget.idled(begun)
        self._sound = self.steps
        self.budget.spend(begun)

    def _end(self) -> None:
        if self._due:
            with self.budget.watching():
                self._due = False
                self._take(self._prepared)

    def _take(self, prepared: float = 0.0, sound: int | None = None) -> None:
        if not self._source.active or self._lost is not None:
            return
        begun = self.budget.clock()
        try:
            # Threads of NumPy's that wake for a look wait in a loop afterwards, and halve the speed of the next steps.
            with _thread_pools().limit(limits=1, user_api="blas"):
                sample = self._source.sample(self.steps)
        except Exception as error:  # of the user's own code, most likely: the training must not end by it
            if not self.history.samples:
                raise
            self._lost = LOST.fill({"step": str(self.steps), "why": reason(error)})
            return
        sound = sample.sound if sample.sound is not None else sound
        self.history.record(replace(sample, sound=sound, stack=self._stack()))
        self.budget.looked(self.budget.clock() - begun + prepared)

    def _stack(self) -> Stack | None:
        """The model as a stack, until it turns out that it is none, or too large a one."""
        if self._no_stack is not None:
            return None
        try:
            found = self._source.stack()
        except UnbendError as error:
            self._no_stack = error
            return None
        if FEWEST_STACKS * found.nbytes > STACK_BYTES:
            self._no_stack = too_large(self.name, found.nbytes)
            return None
        return found


@cache
def _thread_pools() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def watch(model: Any, probe: Any = None, every: Every = "auto") -> Watch:
    """Watch what the activations of a model do while it trains: dead, saturated, vanishing, exploding, and since when.

    ``probe``: inputs as the model takes them, 64 to 256 rows of the training data (n, …); several as a tuple, named
    ones as a dict; None: the first 256 rows of the first batch that is trained on. They are sent through the model at
    its start and end, and after steps in between: ``every`` so many, or as many as fit into 5 % of the training time or
    a quarter of a second ("auto"). The model, its gradients and all random numbers stay as they are. Raises
    `UnbendError` for a model without activations, a probe that does not fit and other bad input.

    >>> import unbend as ub
    >>> ub.watch("resnet18", probe=[[0.0]])
    Traceback (most recent call last):
    ...
    unbend.errors.UnbendError: a str is no model that can be watched; give one of PyTorch, Keras 3 or scikit-learn
    """
    return Watch(model, lambda: _source(model, probe), every)


def _source(model: Any, probe: Any) -> Source:
    """The framework's own view of a model."""
    framework, name = framework_of(model), type(model).__name__
    if framework is None:
        raise UnbendError(f"a {name} is no model that can be watched; give one of PyTorch, Keras 3 or scikit-learn")
    return getattr(part_for(framework, "model", f"watching a {name}"), SOURCES[framework])(model, probe)
