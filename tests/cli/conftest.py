"""`vcx` in this process, on the test's own database, speaking JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner, Result

from exchange.cli import main
from exchange.config import Settings


@dataclass(frozen=True)
class Vcx:
    """Runs commands."""

    runner: CliRunner

    def __call__(self, *arguments: str | Path, code: int = 0, given: str | None = None) -> Result:
        """Run `vcx` and expect an exit code."""
        result = self.runner.invoke(main, [str(argument) for argument in arguments], input=given)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    def json(self, *arguments: str | Path, code: int = 0) -> Any:
        """The document a command reports."""
        return json.loads(self(*arguments, "--json", code=code).stdout)

    def refused(self, *arguments: str | Path) -> str:
        """The code with which a command is refused, told alike in words and as JSON."""
        code = str(self.json(*arguments, code=1)["refused"]["code"])
        assert f"({code})" in self(*arguments, code=1).stderr
        return code


@pytest.fixture
def vcx(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vcx]:
    """`vcx` with the settings of the test."""
    monkeypatch.setenv("VCX_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("VCX_DATA_DIR", str(settings.data_dir))
    monkeypatch.delenv("VCX_BROKER_URL", raising=False)
    yield Vcx(CliRunner())
    structlog.reset_defaults()  # commands send the logs to their own standard error, which ends with the test
