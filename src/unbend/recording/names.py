"""How activations are called in tables and one-line descriptions: short, and different where they differ."""

from unbend.activations import Activation, activation, catalogue_names
from unbend.network import Network


def activation_name(one: Activation) -> str:
    """The name, with its parameters where they are not the catalogue's; the formula where there is no name.

    >>> activation_name(activation("leaky_relu")), activation_name(activation("leaky_relu(alpha=0.2)"))
    ('leaky_relu', 'leaky_relu(alpha=0.2)')
    """
    if one.name not in catalogue_names() or one.parameters == activation(one.name).parameters:
        return one.name or one.formula
    return f"{one.name}({', '.join(f'{name}={value:g}' for name, value in one.parameters.items())})"


def activations_name(network: Network) -> str:
    """One name where all hidden layers agree, else one for each; ``"linear"`` without hidden layers.

    >>> from unbend.activations import activation
    >>> activations_name(Network((2, 3, 3, 1), (activation("relu"), activation("sine")), "identity"))
    'relu, sine'
    """
    names = [activation_name(one) for one in network.activations]
    return ", ".join(names[:1] if len(set(names)) == 1 else names) or "linear"
