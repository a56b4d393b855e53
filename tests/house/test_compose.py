"""The composed exchange runs commands that exist, with settings that exist, and leaves no queue unwatched."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from click import Context

from exchange.cli import main
from exchange.config import SECRET_FIELDS, Settings
from exchange.services.jobs import Queue

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service.get("build") == "."]


def watched() -> set[str]:
    """The queues that the workers take jobs from."""
    found: set[str] = set()
    for service in SERVICES.values():
        command = service.get("command", [])
        if command[:2] == ["vcx", "worker"]:
            named = {after for before, after in pairwise(command) if before == "--queue"}
            found |= named or {queue.value for queue in Queue}
    return found


def test_every_queue_has_a_worker_that_watches_it() -> None:
    assert watched() == {queue.value for queue in Queue}


def test_web_worker_scheduler_database_and_queue_are_there() -> None:
    assert {"web", "worker", "scheduler", "database", "queue"} <= set(SERVICES)


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "schema"])
def test_every_lasting_service_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", OURS)
def test_commands_and_their_options_exist(name: str) -> None:
    command = SERVICES[name].get("command")
    if command is None:
        return  # the image's own: gunicorn
    assert command[0] == "vcx"
    group: Any = main
    arguments = command[1:]
    while hasattr(group, "get_command") and arguments:
        group = group.get_command(Context(group), arguments[0])
        arguments = arguments[1:]
    assert group is not None
    known = {option for parameter in group.params for option in parameter.opts}
    assert {argument for argument in arguments if argument.startswith("--")} <= known


@pytest.mark.parametrize("name", OURS)
def test_settings_are_valid_and_secrets_come_from_files(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment = SERVICES[name]["environment"]
    secret = tmp_path / "database_url"
    secret.write_text("postgresql+psycopg://vcx:hidden@database/vcx\n")
    for key, value in environment.items():
        plain = str(value).replace("${VCX_PUBLIC_URL:-", "").rstrip("}")
        monkeypatch.setenv(key, str(secret) if plain == "/run/secrets/database_url" else plain)
    settings = Settings()
    assert settings.database_url == "postgresql+psycopg://vcx:hidden@database/vcx"
    assert settings.broker_url == "redis://queue:6379/0"
    assert not any("password" in key.lower() and not key.endswith("_FILE") for key in environment)
    assert set(SERVICES[name]["secrets"]) <= set(COMPOSE["secrets"])


@pytest.mark.parametrize("name", OURS)
def test_every_variable_names_a_setting(name: str) -> None:
    """A misspelt one would be ignored."""
    known = {f"VCX_{field.upper()}" for field in Settings.model_fields}
    known |= {f"VCX_{field.upper()}_FILE" for field in SECRET_FIELDS}
    assert set(SERVICES[name]["environment"]) <= known


def test_web_has_neither_keys_nor_heads() -> None:
    lasting = {name: [one.split(":")[0] for one in SERVICES[name].get("volumes", [])] for name in OURS}
    assert lasting["web"] == lasting["scheduler"] == []
    assert set(lasting["worker"]) == {"keys", "heads"}


def test_the_worker_gets_time_to_end_its_job_before_it_is_killed() -> None:
    assert int(SERVICES["worker"]["stop_grace_period"].removesuffix("s")) >= Settings().job_lease_seconds


def test_exactly_one_scheduler_and_every_backing_service_waited_for() -> None:
    schedulers = [one for one in SERVICES.values() if one.get("command", [])[:2] == ["vcx", "scheduler"]]
    assert len(schedulers) == 1
    for name in ("web", "worker", "scheduler"):
        assert set(SERVICES[name]["depends_on"]) == {"schema", "queue"}
    assert set(SERVICES["schema"]["depends_on"]) == {"database"}
    assert SERVICES["database"]["image"].startswith("postgres:")
    assert SERVICES["queue"]["image"].startswith("redis:")


def test_image_installs_from_the_locked_list_and_serves_with_a_thread_pool() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes" in text
    assert "USER vcx" in text
    assert '"gthread"' in text
    assert '"exchange.wsgi:application()"' in text
