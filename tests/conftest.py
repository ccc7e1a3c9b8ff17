"""What holds for every test: no setting of this machine's, no deadline a busy machine would miss, one index for all."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

HERE = Path(__file__).parents[1]

SOAK_MINUTES = float(os.environ.get("FOREROOM_SOAK_MINUTES", "60"))  # how long the longest test of `make soak` takes

for name in [name for name in os.environ if name.startswith("FOREROOM_")]:
    del os.environ[name]

if os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1") != "1":
    os.environ["OMP_NUM_THREADS"] = "1"  # the processes beside each other share the cores

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("house")


@pytest.fixture(scope="session")
def built_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the index of the shipped sources, as `make index` leaves it. Copy it: one process owns an index."""
    data, own = tmp_path_factory.mktemp("shipped"), HERE / "data" / "index"
    if (own / "manifest.json").exists():  # `make test` has built it: only what changed since is embedded
        shutil.copytree(own, data / "index", ignore=shutil.ignore_patterns("owner.lock"))
    environment = dict(os.environ) | {"FOREROOM_DATA": str(data)}
    subprocess.run([sys.executable, "-m", "retrieval"], cwd=HERE, env=environment, check=True, capture_output=True)
    return data / "index"
