"""Watching Keras 3 models, whatever its backend."""
