"""A preset of the real-time engine as what streams stems."""

import subprocess
import sys

import numpy as np

from signals import music
from streamsep import Separator
from streamsep_offline.separation.pipeline import Separation
from streamsep_offline.separation.settings import SeparationSettings

RATE = 44100


def test_without_a_filter_the_stems_are_those_of_the_stream(separate_all):
    audio = music(3.7)
    streamed = Separator.from_preset("classic").separate(audio)
    separation = Separation(SeparationSettings("classic", niter=0, block_s=1.0))
    assert separation.stems == ("vocals", "drums", "bass", "other")
    assert np.array_equal(separate_all(separation, audio, RATE), streamed)


def test_it_needs_no_torch():
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "import numpy as np\n"
        "from streamsep_offline.separation.api import separate\n"
        "separate(np.ones((2, 4000), np.float32), 8000, 'classic')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
