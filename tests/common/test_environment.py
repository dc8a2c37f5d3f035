"""What the environment says is read whole, or refused by name."""

from __future__ import annotations

import pytest

from revlog.settings import env


def read(monkeypatch: pytest.MonkeyPatch, url: str) -> env.MailServer:
    monkeypatch.setenv("REVLOG_SMTP_URL", url)
    return env.mail_server("REVLOG_SMTP_URL")


def test_a_mail_server_is_told_in_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, "smtp+tls://we:s%40cret@mail.example.com") == env.MailServer(
        host="mail.example.com", port=587, user="we", password="s@cret", starttls=True
    )
    assert read(monkeypatch, "smtps://mail.example.com:4650") == env.MailServer(
        host="mail.example.com", port=4650, tls=True
    )
    assert read(monkeypatch, "smtp://127.0.0.1").port == 25
    assert read(monkeypatch, "").host == ""


@pytest.mark.parametrize(
    "url", ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://host:many", "smtp://host:0x19"]
)
def test_an_address_that_is_none_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(env.BadEnvironment, match="REVLOG_SMTP_URL can't be read"):
        read(monkeypatch, url)
