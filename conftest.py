"""What is collected: modules that only a framework's users import are left out where that framework is missing."""

from importlib.util import find_spec

collect_ignore_glob = [f"src/unbend/watching/{name}*.py" for name in ("torch", "lightning") if not find_spec(name)]
