"""`python -m tests.sim` in the root folder."""

import importlib
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]  # `sim` and `stage` lie there

if __name__ == "__main__":
    sys.exit(importlib.import_module("sim.run").main())
