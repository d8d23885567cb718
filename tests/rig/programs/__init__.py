"""Programs that rig tests start, and handles of them."""

import json
import subprocess
import sys
from pathlib import Path

CLIENT = Path(__file__).parent / "jack_client.py"


class JackProgram:
    """`jack_client.py` running."""

    def __init__(self, *arguments):
        command = [sys.executable, str(CLIENT), *map(str, arguments)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.facts = json.loads(self.process.stdout.readline())

    def go(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def result(self):
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.kill()
        self.process.communicate()
