"""A real HTTP server on this machine that answers as a filter service may, well or badly."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[dict[str, Any], int], "tuple[int, bytes]"]


class Service:
    """What came in, and where it listens."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []


@contextlib.contextmanager
def serving(answer: Answer) -> Iterator[Service]:
    """A server whose `answer` gets the request's JSON and how many came before it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    service = Service(f"http://127.0.0.1:{server.server_port}/check")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            asked = json.loads(self.rfile.read(length))
            service.headers.append(dict(self.headers))
            service.asked.append(asked)
            status, body = answer(asked, len(service.asked) - 1)
            with contextlib.suppress(OSError):  # who timed out no longer listens
                self.send_response(status)
                if status in {301, 302, 307}:
                    self.send_header("Location", service.url + "/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server.RequestHandlerClass = Handler
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


def replying(reply: object, status: int = 200) -> Answer:
    """Always this JSON."""
    return lambda asked, n: (status, json.dumps(reply).encode())


def slow(seconds: float) -> Answer:
    """A good answer, too late."""

    def answer(asked: dict[str, Any], n: int) -> tuple[int, bytes]:
        time.sleep(seconds)
        return 200, b'{"score": 0.1}'

    return answer
