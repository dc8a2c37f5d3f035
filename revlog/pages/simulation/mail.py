"""The far end of the simulated mails: every address takes them but those of one server."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from typing_extensions import override

REFUSING = "closed-mailbox.invalid"


class Backend(BaseEmailBackend):
    @override
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            for address in message.to:
                if address.endswith(f"@{REFUSING}"):
                    raise smtplib.SMTPRecipientsRefused({address: (550, b"5.1.1 No such mailbox here")})
        return len(email_messages)
