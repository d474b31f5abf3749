"""`KerasCallback`: watching as a callback of `model.fit`."""

from typing import Any

from unbend.errors import UnbendError
from unbend.packages import needed
from unbend.watching.budget import Every
from unbend.watching.watch import Watch

needed("keras", "keras", "KerasCallback")

import keras  # noqa: E402

from unbend.watching.keras.model import KerasModel  # noqa: E402


class KerasCallback(keras.callbacks.Callback):
    """Watch a model during `fit`: ``model.fit(X, y, callbacks=[callback])``, then ``print(callback.watch)``.

    ``probe`` and ``every`` as in `watch`; without a probe it is the first 256 rows of the first batch. In a later `fit`
    of the same model the same callback goes on with the same watch. Raises `UnbendError` when `fit` begins, for a model
    without activations or a probe that does not fit.
    """

    def __init__(self, probe: Any = None, every: Every = "auto") -> None:
        """Nothing is looked at before `fit`."""
        super().__init__()
        self._probe = probe
        self._every: Every = every
        self._watch: Watch | None = None
        self._source: Any = None
        self._is_open = False

    @property
    def watch(self) -> Watch:
        """What was seen; `UnbendError` before `fit`."""
        if self._watch is None:
            raise UnbendError("the callback has seen no training yet; pass it to model.fit(..., callbacks=[callback])")
        return self._watch

    def on_train_begin(self, logs: Any = None) -> None:
        """Look at the model, and follow its steps."""
        model = self._model
        if self._watch is None or self._source.model is not model:
            self._source = KerasModel(model, self._probe)
            self._source.waits_for_callback = True
            self._watch = Watch(model, lambda: self._source, self._every)
        if self._is_open:  # a run before broke off, of which Keras tells no callback
            self._close(RuntimeError)
        self._watch.__enter__()
        self._is_open = True

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """See this step."""
        self._source.steps.next()

    def on_train_end(self, logs: Any = None) -> None:
        """Look a last time."""
        self._close(None)

    def _close(self, kind: type[BaseException] | None) -> None:
        self._is_open = False
        self.watch.__exit__(kind, None, None)
