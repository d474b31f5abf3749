"""Data sets: toys by formula, real tables that come with scikit-learn, and the reader of a user's own table."""

from unbend.data.dataset import Dataset, Task
from unbend.data.lift import lift
from unbend.data.load import load, names, toy_names
from unbend.data.packaged import breast_cancer, diabetes, digits, iris, wine
from unbend.data.split import split
from unbend.data.table import table
from unbend.data.toys import blobs, checkerboard, circles, curves, gaussians, line, moons, ring, spiral, xor
from unbend.data.toys_regression import absolute, bumps, plane, sine, step, tariff

__all__ = [
    "Dataset",
    "Task",
    "absolute",
    "blobs",
    "breast_cancer",
    "bumps",
    "checkerboard",
    "circles",
    "curves",
    "diabetes",
    "digits",
    "gaussians",
    "iris",
    "lift",
    "line",
    "load",
    "moons",
    "names",
    "plane",
    "ring",
    "sine",
    "spiral",
    "split",
    "step",
    "table",
    "tariff",
    "toy_names",
    "wine",
    "xor",
]
