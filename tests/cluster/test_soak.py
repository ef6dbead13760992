"""The soak, small: `tests/soak/soak.py` does the same with 100,000 certificates and 20 faults."""

import os
import random

from soak import Soak


def test_soak(cluster):
    seed = int(os.environ.get("QUICKLIME_SEED", random.randrange(1_000_000)))
    soak = Soak(cluster, certificates=5000, faults=4, seed=seed)
    found = soak.run()
    assert not found, [f"seed {seed}", *found[:20]]
