"""A formula as NumPy, JAX and Keras source, to be pasted into a project of one's own.

As for PyTorch, a smooth formula becomes plain operations, and a piecewise one carries its derivative with it; NumPy,
which differentiates nothing, gets the values alone.
"""

from unbend.activations.activation import Activation
from unbend.activations.expression import distinct_nodes, evaluate
from unbend.activations.python_source import PythonAlgebra, Template, is_piecewise, like_x

NUMPY: dict[str, str | Template] = {
    "sigmoid": "np.exp(-np.logaddexp(0, -{0}))",
    "softplus": "np.logaddexp(0, {0})",
    "erf": "erf({0})",
    "gaussian": "np.exp(-{0} * {0})",
    "relu": "np.maximum({0}, 0)",
    "step": "np.where({0} > 0, 1.0, 0.0)",
    "atan": "np.arctan({0})",
    "minimum": "np.minimum({0}, {1})",
    "maximum": "np.maximum({0}, {1})",
    "where": "np.where({0}, {1}, {2})",
    "": "np.{name}({0})",
}
JAX: dict[str, str | Template] = {
    "sigmoid": "jax.nn.sigmoid({0})",
    "softplus": "jax.nn.softplus({0})",
    "erf": "jax.scipy.special.erf({0})",
    "gaussian": "jnp.exp(-{0} * {0})",
    "relu": "jnp.maximum({0}, 0)",
    "step": "jnp.where({0} > 0, jnp.ones_like(x), 0)",
    "atan": "jnp.arctan({0})",
    "minimum": "jnp.minimum({0}, {1})",
    "maximum": "jnp.maximum({0}, {1})",
    "where": lambda mask, a, b: f"jnp.where({mask}, {like_x(a, 'jnp')}, {b})",
    "": "jnp.{name}({0})",
}
KERAS: dict[str, str | Template] = {
    "gaussian": "ops.exp(-{0} * {0})",
    "step": "ops.where({0} > 0, ops.ones_like(x), ops.zeros_like(x))",
    "atan": "ops.arctan({0})",
    "minimum": lambda a, b: f"ops.minimum({like_x(a, 'ops')}, {like_x(b, 'ops')})",
    "maximum": lambda a, b: f"ops.maximum({like_x(a, 'ops')}, {like_x(b, 'ops')})",
    "where": lambda mask, a, b: f"ops.where({mask}, {like_x(a, 'ops')}, {like_x(b, 'ops')})",
    "": "ops.{name}({0})",
}
_JAX_PIECEWISE = """\
import jax
import jax.numpy as jnp


@jax.custom_jvp
def f(x):
{value}


@f.defjvp
def _(primals, tangents):
    (x,), (tangent,) = primals, tangents
{slope}"""
_KERAS_PIECEWISE = """\
from keras import ops


@ops.custom_gradient
def f(x):
{lines}

    def gradient(*upstream_alone, upstream=None):
        return (upstream_alone[0] if upstream is None else upstream) * {slope}

    return {value}, gradient"""


def emit_numpy(activation: Activation) -> str:
    """Python source that defines ``f(x)`` on NumPy arrays of any shape; nothing but NumPy and ``math`` is needed.

    >>> from unbend.activations import activation
    >>> print(emit_numpy(activation("x*erf(x)")))
    import math
    <BLANKLINE>
    import numpy as np
    <BLANKLINE>
    erf = np.vectorize(math.erf, otypes=[np.float64])
    <BLANKLINE>
    <BLANKLINE>
    def f(x):
        t1 = erf(x)
        t2 = x * t1
        return t2
    """
    has_erf = any(node.op == "erf" for node in distinct_nodes(activation.expression))
    helper = "\nerf = np.vectorize(math.erf, otypes=[np.float64])\n" if has_erf else ""
    imports = f"{'import math' + chr(10) * 2 if has_erf else ''}import numpy as np\n{helper}"
    return f"{imports}\n\ndef f(x):\n{_function_body(activation, NUMPY, 'np')}"


def emit_jax(activation: Activation) -> str:
    """Python source that defines ``f(x)`` on JAX arrays of any shape, differentiable once.

    >>> from unbend.activations import activation
    >>> print(emit_jax(activation("silu")))
    import jax
    import jax.numpy as jnp
    <BLANKLINE>
    <BLANKLINE>
    def f(x):
        t1 = jax.nn.sigmoid(x)
        t2 = x * t1
        return t2
    """
    value = _function_body(activation, JAX, "jnp")
    if not is_piecewise(activation):
        return f"import jax\nimport jax.numpy as jnp\n\n\ndef f(x):\n{value}"
    algebra = PythonAlgebra(JAX)
    result, slope = evaluate([activation.expression, activation.derivative], "x", algebra)
    returned = f"return {like_x(result, 'jnp')}, {like_x(slope, 'jnp')} * tangent"
    return _JAX_PIECEWISE.format(value=value, slope=_indented([*algebra.lines, returned]))


def emit_keras(activation: Activation) -> str:
    """Python source that defines ``f(x)`` with ``keras.ops``, for every backend of Keras 3.

    >>> from unbend.activations import activation
    >>> print(emit_keras(activation("x*sigmoid(2*x)")))
    from keras import ops
    <BLANKLINE>
    <BLANKLINE>
    def f(x):
        t1 = 2.0 * x
        t2 = ops.sigmoid(t1)
        t3 = x * t2
        return t3
    """
    if not is_piecewise(activation):
        return f"from keras import ops\n\n\ndef f(x):\n{_function_body(activation, KERAS, 'ops')}"
    algebra = PythonAlgebra(KERAS)
    value, slope = evaluate([activation.expression, activation.derivative], "x", algebra)
    parts = {"value": like_x(value, "ops"), "slope": like_x(slope, "ops")}
    lines = _indented(algebra.lines) if algebra.lines else "    x = ops.convert_to_tensor(x)"
    return _KERAS_PIECEWISE.format(lines=lines, **parts)


def _function_body(activation: Activation, library: dict[str, str | Template], prefix: str) -> str:
    algebra = PythonAlgebra(library)
    (value,) = evaluate([activation.expression], "x", algebra)
    return _indented([*algebra.lines, f"return {like_x(value, prefix)}"])


def _indented(lines: list[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)
