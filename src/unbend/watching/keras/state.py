"""A Keras model looked at and left as it was: its weights are read, never written, and all else comes back."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any

from unbend.watching.probing import SEED, random_state

RECURRENT = {"unroll": True, "use_cudnn": False}  # the same numbers step by step, so that each can be seen
NAMES_GIVEN, GENERATOR = "object_name_uids", "global_seed_generator"  # in Keras's global state


def current(model: Any, state: Any = None) -> list[tuple[Any, Any]]:
    """Every variable of a model with its value now.

    During `fit` on JAX the values live in a ``state`` that goes from step to step, and come back to the variables at
    the end of an epoch; they are looked up there, and nothing is written (as a callback's `model.weights` would).
    """
    trainable, others = model.trainable_variables, model.non_trainable_variables
    held = getattr(model, "_jax_state", None)
    if state is not None:
        values = [*state[0], *state[1]]
    elif held and not model._jax_state_synced:
        values = [*held["trainable_variables"], *held["non_trainable_variables"]]
    else:
        values = [one.value for one in (*trainable, *others)]
    return list(zip((*trainable, *others), values, strict=True))


@contextmanager
def undisturbed(model: Any, backend: str, seed: int) -> Generator[None]:
    """Run a model inside without a trace on it, on the names that Keras gives, or on any random state."""
    layers = list(model._flatten_layers())
    with ExitStack() as stack:
        if backend == "torch":
            from unbend.watching.torch.state import undisturbed as undisturbed_torch

            stack.enter_context(undisturbed_torch(model, seed))
        for context in (random_state(seed), _keras_state(), _attributes(layers)):
            stack.enter_context(context)
        for layer in layers:
            own = vars(layer)
            own.update({key: value for key, value in RECURRENT.items() if key in own})
            if own.get("_remat_mode") is not None:
                own["_remat_mode"] = None
        yield


@contextmanager
def _keras_state() -> Generator[None]:
    """The counters behind the names of layers, and the generator of unseeded random numbers."""
    from keras.src import random as keras_random
    from keras.src.backend.common import global_state

    counters = global_state.get_global_attribute(NAMES_GIVEN)
    before = None if counters is None else dict(counters)
    generator = global_state.get_global_attribute(GENERATOR)
    try:
        if generator is None:  # made here, so that it is not made, and kept, inside
            global_state.set_global_attribute(GENERATOR, keras_random.SeedGenerator(SEED))
        yield
    finally:
        global_state.set_global_attribute(GENERATOR, generator)
        if before is None:
            global_state.set_global_attribute(NAMES_GIVEN, None)
        elif counters is not None:
            counters.clear()
            counters.update(before)


@contextmanager
def _attributes(layers: list[Any]) -> Generator[None]:
    """What layers hold, key by key: another thread may be using one of them."""
    saved = [(vars(layer), dict(vars(layer))) for layer in layers]
    losses = [(held, list(held)) for layer in layers for held in [vars(layer).get("_losses")] if held is not None]
    marks = [(held, set(held)) for layer in layers for held in [vars(layer).get("_loss_ids")] if held is not None]
    try:
        yield
    finally:
        for own, before in saved:
            for key in [key for key in own if key not in before]:
                del own[key]
            own.update({key: value for key, value in before.items() if own.get(key) is not value})
        for held, before in losses:
            held[:] = before
        for held, before in marks:
            held.clear()
            held.update(before)
