"""What holds for every test: no setting of this machine's, no deadline that a busy machine would miss."""

import os

from hypothesis import HealthCheck, settings

for name in [name for name in os.environ if name.startswith("FOREROOM_")]:
    del os.environ[name]

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("house")
