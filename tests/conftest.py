"""What all tests share: property tests that are the same on every run and know no clock; one backend for Keras."""

import os

from hypothesis import settings

os.environ.setdefault("KERAS_BACKEND", "jax")  # Keras' own default is TensorFlow, which no test needs

settings.register_profile("unbend", deadline=None, derandomize=True)
settings.load_profile("unbend")
