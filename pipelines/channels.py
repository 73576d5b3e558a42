"""The ways out: channels of alerts and the heartbeat, by URL in the environment, and what they answered.

URLs hold secrets: none is printed, logged, kept or part of an error here, and the libraries that would are kept quiet.
When something is sent belongs to `dispatch`.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.error import HTTPError
from urllib.parse import urlsplit

URLS = "RECEIVABLES_ALERT_URLS"
FALLBACK = "RECEIVABLES_ALERT_FALLBACK_URLS"
HEARTBEAT = "RECEIVABLES_HEARTBEAT_URL"
SECONDS = 10
TALKATIVE = ("apprise", "urllib3", "requests", "smtplib", "requests_oauthlib", "oauthlib")


@dataclass(frozen=True)
class Channel:
    """One address that takes messages: a name to show, a key to remember it by, and its URL, which is never shown."""

    name: str
    key: str
    url: str = field(repr=False)

    def send(self, title: str, body: str) -> str:
        """Send one message; returns nothing where it was taken, else in a few words why it was not."""
        with _quiet() as said:
            import apprise

            try:
                target = apprise.Apprise(asset=apprise.AppriseAsset(app_id="receivables", async_mode=False))
                if not target.add(self.url):
                    return "is no address that apprise can read"
                taken = target.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT)
            except Exception as error:  # whatever a service's plugin raises holds its URL: only the kind is told
                return f"failed ({type(error).__name__})"
        if taken:
            return ""
        answered = re.findall(r"error=(\d{3})\b", " ".join(said))
        return f"answered {answered[-1]}" if answered else "did not take it"


@dataclass(frozen=True)
class Channels:
    """Where alerts go: to each of `main`, and to each of `fallback` when none of those takes one; and the heartbeat."""

    main: tuple[Channel, ...] = ()
    fallback: tuple[Channel, ...] = ()
    heartbeat: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls) -> Channels:
        """The channels of `RECEIVABLES_ALERT_URLS` and the like: apprise's URLs with white space between them."""
        return cls(_channels(URLS, ""), _channels(FALLBACK, "fallback "), os.environ.get(HEARTBEAT, "").strip())

    def beat(self) -> str:
        """Ping the heartbeat; returns nothing where it was heard or none is named, else in a few words why not."""
        if not self.heartbeat:
            return ""
        if urlsplit(self.heartbeat).scheme not in ("http", "https"):
            return "is no address of the web"
        with _quiet():
            try:
                with urllib.request.urlopen(self.heartbeat, timeout=SECONDS):
                    return ""
            except HTTPError as error:
                error.close()
                return f"answered {error.code}"
            except Exception as error:  # its words hold the URL
                return f"failed ({type(error).__name__})"


def _channels(variable: str, kind: str) -> tuple[Channel, ...]:
    urls = dict.fromkeys(os.environ.get(variable, "").split())
    return tuple(
        Channel(f"{kind}channel {number} ({_scheme(url)})", hashlib.sha256(url.encode()).hexdigest()[:16], url)
        for number, url in enumerate(urls, start=1)
    )


def _scheme(url: str) -> str:
    """The kind of service; of what is no URL nothing is shown, since it may be a secret by itself."""
    found = re.match(r"([a-z][a-z0-9+.-]{0,19})://", url)
    return found[1] if found else "unreadable"


@contextmanager
def _quiet() -> Iterator[list[str]]:
    """Keep what libraries say of URLs, tokens and recipients out of every log; yields the warnings, to be searched."""
    said: list[str] = []

    class _Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in TALKATIVE]
    loggers = [logging.getLogger(name) for name in dict.fromkeys((*TALKATIVE, *names))]
    before = [(one, one.level, one.propagate, one.handlers) for one in loggers]
    for one in loggers:
        one.setLevel(logging.WARNING)
        one.propagate, one.handlers = False, [_Heard()]
    try:
        with warnings.catch_warnings():
            # apprise reaches for a module that Python 3.11 calls deprecated
            warnings.simplefilter("ignore", DeprecationWarning)
            yield said
    finally:
        for one, level, propagate, handlers in before:
            one.setLevel(level)
            one.propagate, one.handlers = propagate, handlers
