"""Handing a watch over to the tools that keep experiments."""
