"""A JACK server of one's own, with the dummy driver: real ports, real callbacks, no sound card."""

import os
import shutil
import signal
import subprocess
import sys
import threading

import pytest

PROGRAMS = ("jackd", "jack_wait")

LOG_BYTES = 200_000
"""Most that is kept of a server's words; with a stuck client it writes gigabytes."""


def missing():
    """Why there can be no server here; "" where there can."""
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if absent:
        return f"{' and '.join(absent)} not installed (apt install jackd2)"
    if not (os.environ.get("CI") == "true" or os.environ.get("RIG") in ("1", "long")):
        return "real JACK servers run with CI=true or RIG=1 only"
    return ""


def is_thorough():
    """Whether tests may take minutes each: RIG=long."""
    return os.environ.get("RIG") == "long"


def thorough(*values):
    """A parameter that is only tried with RIG=long: others of its kind are tried always."""
    reason = "others of its kind are tried always; this one with RIG=long"
    return pytest.param(*values, marks=pytest.mark.skipif(not is_thorough(), reason=reason))


def may_have_priority():
    """Whether this system gives real-time priority to a thread; it is asked in another process."""
    ask = "import os; os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5)); print('yes')"
    return subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True).stdout != ""


def environment(name):
    """Variables that make JACK programs find the server of that name, and start none if it is away."""
    return {
        "JACK_NO_AUDIO_RESERVATION": "1",
        "JACK_NO_START_SERVER": "1",
        "JACK_DEFAULT_SERVER": name,
    }


class JackServer:
    """A server that can be started, stopped and killed again and again; only its own process is signalled.

    Args:
        name: No other server may have it; there can be 8 at a time.
        log: Path of the log of its last run.
        rate: In Hz.
        period: Samples per cycle.
        is_synchronous: A late client makes the cycle late, and no sample is lost; otherwise its block is.
        is_real_time: With real-time priority, which the system must allow.
    """

    def __init__(self, name, log, rate=44100, period=256, is_synchronous=True, is_real_time=False):
        self.name, self.log, self.rate, self.period = name, log, rate, period
        priority = ["--realtime", "-P", "20"] if is_real_time else ["--no-realtime"]
        self._command = ["jackd", "-n", name, *priority, *["-S"] * is_synchronous]
        self._env = {**os.environ, **environment(name)}

    def start(self):
        """Returns when clients can connect."""
        driver = ["dummy", "-r", str(self.rate), "-p", str(self.period), "-C", "2", "-P", "8"]
        self._process = subprocess.Popen(
            [*self._command, "-d", *driver],
            env=self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._logging = threading.Thread(
            target=self._keep_log, args=(self._process.stdout,), daemon=True
        )
        self._logging.start()
        wait = ["jack_wait", "-s", self.name, "-w", "-t", "10"]
        waited = subprocess.run(wait, env=self._env, check=False, capture_output=True)
        is_up = waited.returncode == 0 and self._process.poll() is None
        assert is_up, f"{self.name} is not up: {self.log.read_text(errors='replace')}"

    def stop(self):
        """End it as its user would; nothing of it is left.

        A killed server keeps its place among the 8 that there can be, until one of its name ends well.
        """
        if not self._ends_well():
            self.start()
            assert self._ends_well(), f"{self.name} does not end"

    def kill(self):
        """End it without a farewell to its clients; start it again or stop it afterwards."""
        self._process.kill()
        self._process.wait()
        self._logging.join(5.0)

    def freeze(self):
        """Hang it: it is there and does nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def _ends_well(self):
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(3.0)
        except subprocess.TimeoutExpired:  # it waits for clients that were killed
            self.kill()
        return self._process.returncode == 0

    def _keep_log(self, words):
        left = LOG_BYTES
        with words, self.log.open("wb", buffering=0) as file:
            for line in words:
                file.write(line[:left])
                left -= len(line[:left])
