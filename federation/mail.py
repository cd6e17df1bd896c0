"""Mail: one plain text to one address, through the server the settings name."""

import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

import aiosmtplib

from federation.config import Config
from federation.errors import Refused, Unreachable

PATIENCE = 30.0  # seconds


async def send(
    config: Config,
    place: str,
    *,
    to: str,
    subject: str,
    text: str,
    reply_to: str = "",
    unsubscribe: str = "",
) -> None:
    """Unreachable when another try may help, Refused when the server says no for good.

    `place` stands as the sender's name. Nothing is sent where SMTP_URL is empty. `unsubscribe`: an
    address that takes a POST (RFC 8058).
    """
    if not config.smtp_url:
        return
    parts = urlsplit(config.smtp_url)
    at_once = parts.scheme == "smtps"
    try:
        await aiosmtplib.send(
            _message(config, place, to, subject, text, _headers(reply_to, unsubscribe)),
            hostname=parts.hostname,
            port=parts.port or (465 if at_once else 587),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=at_once,
            start_tls=None,
            tls_context=ssl.create_default_context(),
            timeout=PATIENCE,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        _raise(error.recipients[0].code, str(error))
    except aiosmtplib.SMTPResponseException as error:
        _raise(error.code, error.message)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise Unreachable(f"{type(error).__name__}: {str(error)[:200]}") from error


def _raise(code: int, text: str) -> None:
    if 500 <= code < 600:
        raise Refused(f"{code} {text[:200]}")
    raise Unreachable(f"{code} {text[:200]}")


def _headers(reply_to: str, unsubscribe: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    if reply_to:
        headers["Reply-To"] = reply_to
    if unsubscribe:
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _message(
    config: Config, place: str, to: str, subject: str, text: str, more: Mapping[str, str]
) -> EmailMessage:
    message = EmailMessage()
    sender = config.mail_from or f"stadtnetz@{urlsplit(config.origin).hostname}"
    name = " ".join(place.replace('"', "").split())[:60]
    message["From"] = f'"{name}" <{sender}>'
    message["To"] = to
    message["Subject"] = " ".join(subject.split())
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    for header, value in more.items():
        message[header] = value
    message.set_content(text)
    return message
