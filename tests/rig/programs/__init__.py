"""Programs that rig tests start, and a handle for them.

Each prints a JSON line when it is ready, further ones as its docstring says, and ends with its input.
"""

import json
import subprocess
import sys
from pathlib import Path


class Program:
    """A program of this folder that runs; use it with `with`.

    Args:
        name: Its file.
        arguments: After it.

    Attributes:
        facts: What its first line says.
    """

    def __init__(self, name, *arguments):
        command = [sys.executable, str(Path(__file__).parent / name)]
        self._process = subprocess.Popen(
            [*command, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.facts = self.result()

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        # Without a farewell the server would wait for it; over a dead server there is none.
        self._process.stdin.close()
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def tell(self, line=""):
        """A line on its standard input."""
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def result(self):
        """What its next line says."""
        return json.loads(self._process.stdout.readline())
