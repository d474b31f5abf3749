"""What differs between the backends of Keras: how a gradient is taken, copied and waited for."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from unbend.errors import UnbendError

Tap = Callable[[int, Any], Any]  # the output of the activation called as number i -> the tensor that goes on
Forward = Callable[[Tap], tuple[Any, Any]]  # a run of the model -> score, what was kept


class Backend(Protocol):
    """One backend, as far as watching needs it."""

    name: str

    def pulled(self, forward: Forward) -> tuple[Any, list[Any]]:
        """What a run kept, and the norms of its score's gradient by each tapped output, None if there is no way."""
        ...

    def compiled(self, look: Callable[..., Any]) -> Callable[..., Any]:
        """The same function of arrays, faster where that is possible."""
        ...

    def slope(self, function: Callable[[Any], Any], z: Any) -> Any:
        """f′(z), of a function that takes each number by itself."""
        ...

    def level(self) -> Any:
        """Equal as long as tensors can be handed out: not inside a loop, a branch or a function compiled apart."""
        ...

    def copy(self, value: Any) -> Any:
        """The numbers of a variable now, whatever becomes of it."""
        ...

    def settle(self, values: Any) -> None:
        """Wait until they are computed."""
        ...

    def is_settled(self, value: Any) -> bool:
        """Whether they are, without waiting."""
        ...


def to_numpy(tensor: Any) -> Any:
    """An array of a tensor's numbers, of any backend; `keras.ops.convert_to_numpy` warns with PyTorch and NumPy 2.

    >>> to_numpy([1, 2])
    array([1, 2])
    """
    if hasattr(tensor, "detach"):
        return tensor.detach().cpu().numpy()
    return np.asarray(tensor.numpy() if hasattr(tensor, "numpy") else tensor)


def backend_in_use() -> Backend:
    """The backend that Keras was started with."""
    import keras

    kinds: dict[str, Callable[[], Backend]] = {"jax": Jax, "torch": Torch, "tensorflow": TensorFlow}
    name = keras.backend.backend()
    if name not in kinds:
        raise UnbendError(f"the Keras backend {name!r} does not train; set KERAS_BACKEND to jax, torch or tensorflow")
    return kinds[name]()


class Jax:
    """Gradients by zeros that are added to every output."""

    name = "jax"

    def pulled(self, forward: Forward) -> tuple[Any, list[Any]]:
        """As `Backend` says."""
        import jax
        import jax.numpy as jnp

        zeros: list[Any] = []

        def shaped(_: int, h: Any) -> Any:
            zeros.append(jnp.zeros(h.shape, h.dtype))
            return h

        forward(shaped)
        score, pull, kept = jax.vjp(lambda taps: forward(lambda i, h: h + taps[i]), zeros, has_aux=True)
        (gradients,) = pull(jnp.ones_like(score))
        return kept, [jnp.linalg.norm(one.astype("float32").ravel()) for one in gradients]

    def compiled(self, look: Callable[..., Any]) -> Callable[..., Any]:
        """As one program."""
        import jax

        return jax.jit(look)

    def slope(self, function: Callable[[Any], Any], z: Any) -> Any:
        """As `Backend` says."""
        import jax
        import jax.numpy as jnp

        h, pull = jax.vjp(function, jax.lax.stop_gradient(z))
        return pull(jnp.ones_like(h))[0]

    def level(self) -> Any:
        """The trace that jax is in."""
        from jax.extend import core

        return core.get_opaque_trace_state()

    def copy(self, value: Any) -> Any:
        """A buffer of its own: training gives the old one away."""
        import jax

        return jax.device_put(value, value.sharding, may_alias=False)

    def settle(self, values: Any) -> None:
        """As `Backend` says."""
        import jax

        jax.block_until_ready(values)

    def is_settled(self, value: Any) -> bool:
        """As `Backend` says."""
        return bool(value.is_ready())


class Torch:
    """Gradients by autograd."""

    name = "torch"

    def pulled(self, forward: Forward) -> tuple[Any, list[Any]]:
        """As `Backend` says."""
        import torch

        outputs: list[Any] = []

        def tap(_: int, h: Any) -> Any:
            outputs.append(h if h.requires_grad else h.detach().requires_grad_())
            return outputs[-1]

        score, kept = forward(tap)
        if not outputs or not score.requires_grad:
            return kept, [None] * len(outputs)
        gradients: Any = torch.autograd.grad(score, outputs, allow_unused=True)
        return kept, [None if one is None else torch.linalg.vector_norm(one.float()) for one in gradients]

    def compiled(self, look: Callable[..., Any]) -> Callable[..., Any]:
        """As it is."""
        return look

    def slope(self, function: Callable[[Any], Any], z: Any) -> Any:
        """As `Backend` says."""
        import torch

        z = z.detach().requires_grad_()
        h = function(z)
        return torch.autograd.grad(h.sum(), z)[0] if h.requires_grad else torch.zeros_like(z)

    def level(self) -> Any:
        """Code runs as it stands."""
        return None

    def copy(self, value: Any) -> Any:
        """As `Backend` says."""
        return value.detach().clone()

    def settle(self, values: Any) -> None:
        """Values are there on the CPU, and waited for when they are read elsewhere."""

    def is_settled(self, value: Any) -> bool:
        """On the CPU always."""
        return value.device.type == "cpu"


class TensorFlow:
    """Gradients by a tape."""

    name = "tensorflow"

    def pulled(self, forward: Forward) -> tuple[Any, list[Any]]:
        """As `Backend` says."""
        import tensorflow as tf  # pyright: ignore[reportMissingImports]

        outputs: list[Any] = []
        with tf.GradientTape() as tape:

            def tap(_: int, h: Any) -> Any:
                tape.watch(h)
                outputs.append(h)
                return h

            score, kept = forward(tap)
        gradients: Any = tape.gradient(score, outputs)
        return kept, [None if one is None else tf.norm(tf.cast(one, "float32")) for one in gradients]

    def compiled(self, look: Callable[..., Any]) -> Callable[..., Any]:
        """As it is."""
        return look

    def slope(self, function: Callable[[Any], Any], z: Any) -> Any:
        """As `Backend` says."""
        import tensorflow as tf  # pyright: ignore[reportMissingImports]

        z = tf.stop_gradient(z)
        with tf.GradientTape() as tape:
            tape.watch(z)
            h = function(z)
        return tape.gradient(h, z, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    def level(self) -> Any:
        """The graph that is being built, if any."""
        import tensorflow as tf  # pyright: ignore[reportMissingImports]

        return None if tf.executing_eagerly() else id(tf.compat.v1.get_default_graph())

    def copy(self, value: Any) -> Any:
        """As `Backend` says."""
        import tensorflow as tf  # pyright: ignore[reportMissingImports]

        return tf.identity(value)

    def settle(self, values: Any) -> None:
        """Values are there, or waited for when they are read."""

    def is_settled(self, value: Any) -> bool:
        """On the CPU always."""
        return "CPU" in value.device
