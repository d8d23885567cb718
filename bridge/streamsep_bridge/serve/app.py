"""What is served over HTTP: the page, /health, /metrics, and the WebSocket /stream."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

import streamsep
from streamsep_bridge.serve.hub import Hub
from streamsep_bridge.serve.refused import Refused
from streamsep_bridge.serve.visitors import Visitors

PAGE = Path(__file__).parent / "page" / "index.html"

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Cache-Control": "no-store",
}


def make_app(hub: Hub) -> ASGIApp:
    """The application of a server.

    Args:
        hub: Serves the streams.
    """
    page = PAGE.read_text(encoding="utf-8")
    policy = page_policy(page)

    async def show_page(request: Request) -> Response:
        # "self" does not mean wss to every browser; the host was checked, so it is one of ours.
        socket = "wss" if hub.settings.tls_cert else "ws"
        connect = f"connect-src 'self' {socket}://{request.headers['host']}"
        headers = {"Content-Security-Policy": f"{policy}; {connect}"}
        return HTMLResponse(page, headers=headers)

    async def show_health(request: Request) -> Response:
        state = "draining" if hub.is_draining else "ok"
        answer = {
            "status": state if hub.failure is None else "failed",
            "streams": hub.n_clients,
            "places": hub.settings.max_streams,
            "version": streamsep.__version__,
        }
        return JSONResponse(answer, 200 if answer["status"] == "ok" else 503)

    async def show_metrics(request: Request) -> Response:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            hub.tokens.check(token.strip() if kind.lower() == "bearer" else None)
        except Refused as problem:
            hub.count_refusal(problem.reason, str(problem))
            challenge = {"WWW-Authenticate": "Bearer"}
            return PlainTextResponse(f"{problem}\n", 401, headers=challenge)
        return Response(hub.metrics.text(), media_type="text/plain; version=0.0.4")

    async def stream(socket: WebSocket) -> None:
        await hub.welcome(socket)

    routes = [
        Route("/", show_page),
        Route("/health", show_health),
        Route("/metrics", show_metrics),
        WebSocketRoute("/stream", stream),
    ]
    return _Gate(Starlette(routes=routes), hub, Visitors(hub.settings))


def page_policy(page: str) -> str:
    """Content-Security-Policy of a page: its own scripts and styles by their hashes, and nothing else.

    Its sound worklet is a blob, which only these scripts can make.
    """
    scripts, styles = (
        " ".join(_hash(text) for text in re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL))
        for tag in ("script", "style")
    )
    return (
        f"default-src 'none'; script-src {scripts} blob:; style-src {styles}; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


class _Gate:
    """Checks Host and Origin before anything else, and adds headers to every answer."""

    def __init__(self, app: ASGIApp, hub: Hub, visitors: Visitors) -> None:
        self._app, self._hub, self._visitors = app, hub, visitors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_more(message: Message) -> None:
            if message["type"].endswith("http.response.start"):
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if (reason := self._problem(scope)) is None:
            try:
                await self._app(scope, receive, send_more)
            except Exception as error:
                self._hub.count_refusal("failed", repr(error))
                raise
            return
        kind, text = reason
        self._hub.count_refusal(kind, text)
        answer: Any = PlainTextResponse(f"{text}\n", 403)
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send_more).send_denial_response(answer)
        else:
            await answer(scope, receive, send_more)

    def _problem(self, scope: Scope) -> tuple[str, str] | None:
        headers = Headers(scope=scope)
        own = (scope.get("server") or ("",))[0]
        if not self._visitors.is_host(headers.getlist("host"), own):
            return "host", "this request is for another host; name yours with --host"
        if not self._visitors.is_origin(headers.getlist("origin"), headers["host"]):
            return "origin", "another web page makes this request; allow it with --origin"
        return None
