"""What is collected: modules that only a framework's users import are left out where that framework is missing."""

from importlib.util import find_spec

MODULES = {"torch": "torch/*.py", "lightning": "lightning.py", "keras": "keras/*.py"}
collect_ignore_glob = [f"src/unbend/watching/{files}" for name, files in MODULES.items() if not find_spec(name)]
