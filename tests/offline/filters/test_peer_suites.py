"""open-unmix's own tests of its filter, unmodified, run against ours through a shim.

Only its source distribution carries them (norbert's carries none; its grid is in `test_wiener`). They are
looked for in the folder named by STREAMSEP_PEER_SUITES, else in `peers` of the virtual environment:

    pip download --no-binary :all: --no-deps openunmix==1.3.0 -d DIR && tar -xzf DIR/*.tar.gz -C DIR
"""

import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

SUITES = Path(os.environ.get("STREAMSEP_PEER_SUITES", Path(sys.prefix) / "peers"))


def install_shim():
    """Modules `openunmix` and `openunmix.filtering` whose `wiener` is ours."""
    import torch

    from streamsep_offline.filters import expectation_maximization
    from streamsep_offline.filters import wiener as ours

    def wiener(
        targets_spectrograms,
        mix_stft,
        iterations=1,
        softmask=False,
        residual=False,
        scale_factor=10.0,
        eps=1e-10,
    ):
        mixture = torch.view_as_complex(mix_stft.contiguous()).permute(2, 1, 0)
        estimates = ours(targets_spectrograms.permute(3, 2, 1, 0), mixture, 0, softmask)
        if residual:
            estimates = torch.cat([estimates, (mixture - estimates.sum(0))[None]])
        estimates = expectation_maximization(estimates, mixture, iterations)
        return torch.view_as_real(estimates).permute(3, 2, 1, 4, 0)

    package, filtering, model = (
        types.ModuleType(name) for name in ("openunmix", "openunmix.filtering", "openunmix.model")
    )
    filtering.wiener, package.filtering, package.model = wiener, filtering, model
    sys.modules.update({m.__name__: m for m in (package, filtering, model)})


def test_suite_of_open_unmix():
    suites = sorted(SUITES.glob("openunmix-*/tests/test_wiener.py"))
    if not suites:
        pytest.skip(f"no source distribution of openunmix in {SUITES}; see the text of this file")
    ended = subprocess.run(
        [sys.executable, __file__, str(suites[-1])], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    assert "336 passed" in ended.stdout


if __name__ == "__main__":
    install_shim()
    suite = Path(sys.argv[1])
    sys.exit(pytest.main([str(suite), "-q", "-p", "no:cacheprovider", f"--rootdir={suite.parent}"]))
