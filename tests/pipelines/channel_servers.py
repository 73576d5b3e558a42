"""Real servers on this machine that take messages, refuse them, or never answer: for tests of alerts only."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Heard:
    """What a server was sent, and what it answers: `answers` one after the other, the last for ever."""

    port: int = 0
    answers: list[int] = field(default_factory=lambda: [200])
    delay: float = 0
    messages: list[str] = field(default_factory=list)

    def answer(self) -> int:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def url(self) -> str:
        """The address as a channel; its user and path stand for secrets."""
        return f"json://secret-user:secret-word@127.0.0.1:{self.port}/secret-path?rto=0.5&cto=0.5"


@contextmanager
def web_server(*answers: int, delay: float = 0) -> Iterator[Heard]:
    heard = Heard(answers=list(answers) or [200], delay=delay)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            heard.messages.append(body)
            time.sleep(heard.delay)
            self.send_response(heard.answer())
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        yield from _served(server, heard)


@contextmanager
def mail_server(*answers: int) -> Iterator[Heard]:
    """A mail server that answers a message with 250, or refuses it with another code."""
    heard = Heard(answers=list(answers) or [250])

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline():
                word = line[:4].upper()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = []
                    while (text := self.rfile.readline()) not in (b".\r\n", b""):
                        lines.append(text)
                    heard.messages.append(b"".join(lines).decode())
                    self.wfile.write(f"{heard.answer()} so be it\r\n".encode())
                elif word == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    self.wfile.write(b"250 fine\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        yield from _served(server, heard)


def _served(server: socketserver.TCPServer, heard: Heard) -> Iterator[Heard]:
    heard.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        thread.join()


def unused_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
