"""The command line: arguments, progress, exit status. Nothing here that the Python API cannot do."""

from unbend.cli.rim import main

__all__ = ["main"]
