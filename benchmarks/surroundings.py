"""Where a run took place: versions of all that takes part, processor, cores, BLAS, the day.

In: the peers that are there. Out: names with texts.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType

import numpy as np

import indexcalc

LIBRARIES = ("scipy", "opt_einsum")


def surroundings(peers: Mapping[str, ModuleType]) -> dict[str, str]:
    """Everything that a reader needs to judge the figures."""
    found = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "indexcalc": indexcalc.__version__,
        "numpy": np.__version__,
        "BLAS of NumPy": blas(),
    }
    found |= {name: peer.VERSION for name, peer in peers.items()}
    if "torch" in peers:
        found["threads of PyTorch"] = str(peers["torch"].THREADS)
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def processor() -> str:
    """The processor's name, where the system tells."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    name = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    vectors = [flag for flag in ("avx512f", "avx2") if flag in text][:1]
    return ", ".join([name[1] if name else platform.machine(), *vectors])


def blas() -> str:
    """NumPy's BLAS with its version and number of threads."""
    library = np.show_config("dicts")["Build Dependencies"]["blas"]
    given = os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS")
    threads = given or f"{os.cpu_count()}, as many as cores"
    return f"{library['name']} {library['version']}, threads: {threads}"
