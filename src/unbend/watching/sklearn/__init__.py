"""Watching scikit-learn's perceptrons."""
