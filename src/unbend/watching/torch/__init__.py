"""Watching PyTorch models."""
