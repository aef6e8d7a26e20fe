"""Settings: each with its default, unit and a help text; read once, and wrong ones fail at the start, all together."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from crm.viewer import Books

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """``CRM_…`` in the environment; a company writes them down in one file of its service manager."""

    model_config = SettingsConfigDict(env_prefix="CRM_", env_ignore_empty=True, extra="ignore")

    data_dir: Path = Field(ROOT / "var", description="Folder of the SQLite database, secrets, mail and uploads.")
    database_url: str | None = Field(None, description="Database; default: SQLite in the data folder.")
    sqlite_synchronous: Literal["FULL", "NORMAL"] = Field(
        "FULL", description="FULL: what was acknowledged survives a power cut. NORMAL is faster and may lose the last."
    )
    host: str = Field("127.0.0.1", description="Address the server listens on.")
    port: int = Field(8000, description="Port the server listens on.")
    base_url: str | None = Field(None, description="Public address, for links in mails; default http://host:port.")
    trusted_hosts: str = Field("", description="Further host names the server answers to, separated by commas.")
    mode: Literal["production", "development"] = Field("production", description="development adds /styleguide.")
    worker: Literal["inline", "none"] = Field("inline", description="inline: crm serve also runs the worker.")
    books: Books = Field(Books.OPEN, description="Who may read which accounts: open, team or own.")
    company: str = Field("Your company", description="Your own company's name, on reports and mails.")
    currency: str = Field("EUR", description="Home currency, ISO 4217.", pattern="^[A-Z]{3}$")
    language: Literal["en", "fr"] = Field("en", description="Language where neither person nor browser says one.")
    time_zone: str = Field("Europe/Paris", description="The company's zone: days, windows and ages are counted in it.")
    now: str | None = Field(None, description="Pretended instant (ISO 8601) for scores, pages and commands.")
    smtp_url: str | None = Field(None, description="smtp://user:password@host:port; unset: mails go to var/mail/.")
    mail_from: str = Field("tenure@localhost", description="Sender of mails.")
    mailbox_url: str | None = Field(
        None,
        description="Mailbox that people forward mail to: imaps://user:password@host/INBOX, or maildir:/path while "
        "developing; unset: nobody gets a forwarding address.",
    )
    mailbox_address: str = Field(
        "", description="Address of that mailbox, such as crm@company.example; people get crm+token@company.example."
    )
    private_hosts: str = Field(
        "",
        description="Host names in your own network that webhooks and calendar addresses may reach, by commas; every "
        "other address must be public.",
    )
    api_requests_a_minute: int = Field(600, ge=1, description="Requests a minute that one API token may send.")
    max_upload_mb: int = Field(64, ge=1, description="Largest upload, in megabytes.")
    usage_seats_metric: str = Field(
        "", description="The usage metric that counts active seats; unset: the one named active users or active seats."
    )

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        ZoneInfo(value)
        return value

    @field_validator("mailbox_url")
    @classmethod
    def _known_mailbox(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("imaps://", "maildir:")):
            raise ValueError("must begin with imaps:// or maildir:")
        return value

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'tenure.db'}"

    @property
    def effective_base_url(self) -> str:
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def secure_cookies(self) -> bool:
        return self.effective_base_url.startswith("https://")

    def secret_key(self) -> bytes:
        """The installation's key, made on first use in the data folder, readable by its owner alone."""
        path = self.data_dir / "secret.key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            draft = self.data_dir / f".secret.{secrets.token_hex(8)}"
            draft.touch(mode=0o600, exist_ok=False)
            draft.write_bytes(secrets.token_bytes(32))
            with suppress(FileExistsError):
                os.link(draft, path)  # of several processes the first wins, and nobody ever reads half a key
            draft.unlink()
        return path.read_bytes()


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    return Settings()
