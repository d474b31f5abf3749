"""What is collected: modules that only a framework's users import are left out where that framework is missing."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torch") else ["src/unbend/watching/torch*.py"]
