"""Multilayer perceptrons without training: specification, start, forward pass, collapse, threshold units."""

from unbend.network.backward import backward
from unbend.network.collapse import Affine, collapse
from unbend.network.forward import Layer, apply_link, forward
from unbend.network.gains import calculate_gain, exact_gain, normal_mean
from unbend.network.initializers import INITIALIZERS, initialise, initializer, weight_variance
from unbend.network.network import Link, Network, Weights
from unbend.network.perceptron import PerceptronRun, learn_perceptron, mistake_bound
from unbend.network.threshold import (
    ThresholdLayer,
    ThresholdStep,
    convex_network,
    run_threshold_network,
    xor_network,
)

__all__ = [
    "INITIALIZERS",
    "Affine",
    "Layer",
    "Link",
    "Network",
    "PerceptronRun",
    "ThresholdLayer",
    "ThresholdStep",
    "Weights",
    "apply_link",
    "backward",
    "calculate_gain",
    "collapse",
    "convex_network",
    "exact_gain",
    "forward",
    "initialise",
    "initializer",
    "learn_perceptron",
    "mistake_bound",
    "normal_mean",
    "run_threshold_network",
    "weight_variance",
    "xor_network",
]
