"""The line to write in PyTorch, Keras and JAX: the library's own name where it has one, else a function of ours."""

from unbend.activations import Activation, emit_jax, emit_keras, emit_torch
from unbend.activations import activation as reader
from unbend.activations.catalogue import entries


def library_code(activation: Activation) -> dict[str, str]:
    """Python source that defines ``f(x)`` for each library.

    >>> from unbend.activations import activation
    >>> print(library_code(activation("gelu"))["jax"])
    import jax
    <BLANKLINE>
    <BLANKLINE>
    def f(x):
        return jax.nn.gelu(x, approximate=False)
    >>> print(library_code(activation("silu"))["pytorch"])
    import torch
    <BLANKLINE>
    f = torch.nn.SiLU()
    """
    row = entries().get(activation.name)
    usual = row if row is not None and reader(activation.name).formula == activation.formula else None
    return {
        "pytorch": _module(usual.pytorch) if usual and usual.pytorch else emit_torch(activation),
        "keras": _call(f"keras.activations.{usual.keras}") if usual and usual.keras else emit_keras(activation),
        "jax": _call(usual.jax) if usual and usual.jax else emit_jax(activation),
    }


def _module(name: str) -> str:
    return f"import torch\n\nf = {name if name.endswith(')') else f'{name}()'}"


def _call(name: str) -> str:
    """A function of a library, with its settings filled in."""
    function, _, settings = name.removesuffix(")").partition("(")
    library = function.partition(".")[0]
    given = f", {settings}" if settings else ""
    return f"import {library}\n\n\ndef f(x):\n    return {function}(x{given})"
