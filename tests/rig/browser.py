"""A real browser without a screen, driven over its DevTools protocol."""

import asyncio
import contextlib
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import websockets

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")

# No sandbox: tests may run as root in a container. The page is our own.
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-extensions",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--remote-debugging-port=0",
)
START_S = 60.0


def missing():
    """Why there can be no browser here; "" where there can."""
    if not any(map(shutil.which, PROGRAMS)):
        return "chromium not installed (apt install chromium)"
    if not (os.environ.get("CI") == "true" or os.environ.get("RIG") in ("1", "long")):
        return "a real browser runs with CI=true or RIG=1 only"
    return ""


class Page:
    """One page of a browser of its own; an async context manager.

    Args:
        url: What it shows.
        width, height: Of its window, in pixels.
        ready: What is true in the page once its script has run.
    """

    def __init__(self, url, width=900, height=800, ready="!!window.desk"):
        self._url, self._size, self._ready = url, (width, height), ready
        self._ids = itertools.count(1)
        self._answers, self.problems = {}, []

    async def __aenter__(self):
        self._stack = contextlib.AsyncExitStack()
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        program = next(filter(None, map(shutil.which, PROGRAMS)))
        self._process = subprocess.Popen(
            [program, *OPTIONS, f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._stack.callback(self._end)
        target = await asyncio.to_thread(self._find, Path(folder) / "DevToolsActivePort")
        connecting = websockets.connect(target, max_size=None, compression=None, ping_interval=None)
        self._socket = await self._stack.enter_async_context(connecting)
        self._reader = asyncio.ensure_future(self._read())
        for domain in ("Page", "Runtime", "DOM", "Log"):
            await self.ask(f"{domain}.enable")
        width, height = self._size
        await self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        await self.ask("Page.navigate", url=self._url)
        await self.wait(f"document.readyState === 'complete' && {self._ready}")
        return self

    async def __aexit__(self, *details):
        await self._stack.aclose()
        await asyncio.gather(self._reader, return_exceptions=True)

    def _end(self):
        self._process.kill()
        self._process.wait()

    def _find(self, file):
        until_s = time.monotonic() + START_S
        while time.monotonic() < until_s:
            with contextlib.suppress(OSError, ValueError, StopIteration):
                port = int(file.read_text().split()[0])
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
                    targets = json.load(answer)
                return next(t["webSocketDebuggerUrl"] for t in targets if t["type"] == "page")
            time.sleep(0.1)
        raise TimeoutError("the browser does not start")

    async def _read(self):
        with contextlib.suppress(websockets.ConnectionClosed):
            async for text in self._socket:
                message = json.loads(text)
                if "id" in message:
                    self._answers.pop(message["id"]).set_result(message)
                elif message["method"] == "Runtime.exceptionThrown":
                    self.problems.append(message["params"]["exceptionDetails"]["text"])
                elif message["method"] == "Log.entryAdded":
                    entry = message["params"]["entry"]
                    if entry["level"] == "error":
                        self.problems.append(entry["text"])

    async def ask(self, method, **params):
        """A command of the protocol."""
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        message = await asyncio.wait_for(answer, START_S)
        assert "error" not in message, message
        return message["result"]

    async def value(self, code):
        """What an expression is in the page; promises are waited for."""
        result = await self.ask(
            "Runtime.evaluate",
            expression=code,
            returnByValue=True,
            awaitPromise=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    async def wait(self, code, limit_s=START_S):
        """Until an expression is true in the page; its value."""
        until_s = time.monotonic() + limit_s
        while not (value := await self.value(code)):
            assert time.monotonic() < until_s, (code, await self.value("document.body.innerText"))
            await asyncio.sleep(0.05)
        return value

    async def choose_file(self, selector, path):
        """What a user does with a file dialog."""
        root = await self.ask("DOM.getDocument")
        node = await self.ask("DOM.querySelector", nodeId=root["root"]["nodeId"], selector=selector)
        await self.ask("DOM.setFileInputFiles", files=[str(path)], nodeId=node["nodeId"])
