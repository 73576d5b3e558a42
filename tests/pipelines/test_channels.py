"""Messages on their way: real servers that take, refuse, stall and turn up; each message at least once, and no secret told."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assets.resources.home import Home
from assets.resources.outbox import Alert, Outbox
from pipelines.channels import FALLBACK, HEARTBEAT, URLS, Channels
from pipelines.cli import app
from pipelines.dispatch import KEPT, Dispatched, dispatch
from pipelines.ending import send
from tests.pipelines.channel_servers import Heard, mail_server, unused_port, web_server

NOW = datetime(2026, 11, 2, 3)
SECRETS = ("secret-user", "secret-word", "secret-path")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in (URLS, FALLBACK, HEARTBEAT):
        monkeypatch.delenv(name, raising=False)
    home = Home(path=str(tmp_path / "book"), recorded_at=NOW.isoformat())
    home.create()
    return home


def put(home: Home, *titles: str) -> None:
    with home.state() as state:
        for title in titles:
            Outbox(state.connection).put(Alert(title, title, "What failed: something", NOW))


def sent(home: Home, minutes: float, urls: str, fallback: str = "") -> Dispatched:
    """Dispatch so many minutes later, through these channels."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(URLS, urls)
        patch.setenv(FALLBACK, fallback)
        return dispatch(home, NOW + timedelta(minutes=minutes), Channels.from_environment())


def mail(heard: Heard) -> str:
    return f"mailto://127.0.0.1:{heard.port}?from=book@example.com&to=ada@example.com&mode=insecure&rto=1&cto=1"


def test_a_message_goes_to_every_channel_once(home: Home) -> None:
    put(home, "first", "second")
    with web_server() as web, mail_server() as post:
        urls = f"{web.url}\n{mail(post)}"
        assert sent(home, 0, urls).sent == 4
        assert sent(home, 60, urls) == Dispatched()
        assert ["first" in web.messages[0], "second" in web.messages[1], len(web.messages)] == [True, True, 2]
        assert ["Subject: first" in post.messages[0], len(post.messages)] == [True, 2]


@pytest.mark.parametrize("code", [429, 500])
def test_what_a_channel_refuses_is_sent_again_after_a_while_and_then_once(home: Home, code: int) -> None:
    put(home, "first")
    with web_server(code, code, 200) as web:
        assert sent(home, 0, web.url).problems == {"channel 1 (json)": f"answered {code}"}
        assert sent(home, 0.5, web.url).waiting == 1, "it is left alone for a minute"
        assert sent(home, 1, web.url).problems
        assert len(web.messages) == 2
        assert sent(home, 2, web.url).waiting == 1, "and then for two"
        assert (sent(home, 3, web.url).sent, len(web.messages)) == (1, 3)
        assert sent(home, 600, web.url).sent == 0


def test_a_channel_that_never_answers_or_is_not_there_does_not_hold_up_another(home: Home) -> None:
    put(home, "first", "second")
    with web_server(delay=1) as slow, web_server() as web:
        away = f"json://127.0.0.1:{unused_port()}/secret-path?rto=0.5&cto=0.5"
        found = sent(home, 0, f"{slow.url} {away} {web.url}")
        assert found.problems == {"channel 1 (json)": "did not take it", "channel 2 (json)": "did not take it"}
        assert (found.sent, len(web.messages)) == (2, 2)
        assert len(slow.messages) == 1, "who did not answer is not asked again at once"


def test_the_fallback_takes_what_no_other_channel_takes_and_once(home: Home) -> None:
    put(home, "first")
    with mail_server(554, 554, 250) as post, web_server() as spare:
        assert sent(home, 0, mail(post), spare.url).sent == 1
        assert sent(home, 2, mail(post), spare.url).sent == 0
        assert sent(home, 9, mail(post), spare.url).sent == 1, "the channel itself still gets it"
        assert (len(spare.messages), len(post.messages)) == (1, 3)


def test_who_dies_while_sending_leaves_the_message_to_be_sent(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    put(home, "first")
    with web_server() as web:
        monkeypatch.setattr(Outbox, "settle", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            sent(home, 0, web.url)
        monkeypatch.undo()
        assert sent(home, 0, web.url).waiting == 1, "for a minute it may be on its way"
        assert sent(home, 1, web.url).sent == 1
        assert len(web.messages) == 2, "at least once"


def test_without_a_channel_messages_wait_and_what_is_a_week_old_is_let_go(home: Home) -> None:
    put(home, "first")
    assert sent(home, 0, "").lines() == [f"alerts     1 wait for their next attempt, or for a channel in {URLS}"]
    assert sent(home, KEPT.total_seconds() / 60 + 1, "") == Dispatched()


def test_the_heartbeat_is_pinged_only_after_a_publication_and_an_empty_outbox(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web_server() as heart, web_server(500, 200) as web:
        monkeypatch.setenv(HEARTBEAT, f"http://127.0.0.1:{heart.port}/secret-path")
        monkeypatch.setenv(URLS, web.url)
        assert send(home, published=False) == ()
        put(home, "first")
        assert send(home, published=True)[-1] == "heartbeat  held back: alerts wait to be sent"
        assert heart.messages == []
        later = home.model_copy(update={"recorded_at": (NOW + timedelta(minutes=5)).isoformat()})
        assert send(later, published=True) == ("alerts     1 sent",)
        assert len(heart.messages) == 1
    monkeypatch.setenv(HEARTBEAT, f"http://127.0.0.1:{heart.port}/secret-path")
    assert send(later, published=True) == ("heartbeat  failed (URLError)",)


def test_alert_test_tries_every_channel_and_no_secret_reaches_any_output(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with web_server(200, 401) as web:
        monkeypatch.setenv(URLS, f"{web.url} {web.url}&second=yes secret-word")
        said = CliRunner().invoke(app, ["alert", "test"])
    assert said.exit_code == 1
    assert said.stdout.splitlines() == [
        "channel 1 (json) took it",
        "channel 2 (json) answered 401",
        "channel 3 (unreadable) is no address that apprise can read",
    ]
    heard = said.output + caplog.text + "".join(capfd.readouterr()) + repr(Channels.from_environment())
    assert [secret for secret in SECRETS if secret in heard] == []
    assert logging.getLogger("apprise").propagate, "loggers are as they were"


def test_alert_test_without_a_channel_names_the_variable(home: Home) -> None:
    said = CliRunner().invoke(app, ["alert", "test"])
    assert said.exit_code != 0
    assert URLS in said.stderr
