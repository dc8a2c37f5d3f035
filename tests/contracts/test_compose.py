"""The production shape as files: it is checked here against the compose schema and against the code; no container is run."""

from __future__ import annotations

import ast
import importlib.resources
import json
import re
import shlex
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
OURS = {"migrate", "web", "worker-fast", "worker-slow", "worker-jobs", "beat"}
# Names that only one make target hands to one program.
INTERNAL = {"REVLOG_TIED"}
VARIABLE = re.compile(r"\bREVLOG_[A-Z0-9_]*[A-Z0-9]\b")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def documented() -> set[str]:
    return set(re.findall(r"`([A-Z][A-Z0-9_]+)`", (ROOT / "docs" / "configuration.md").read_text()))


def schema() -> dict[str, Any]:
    place = importlib.resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    return json.loads(place.read_text())


def test_the_file_is_what_the_compose_schema_asks_for(compose: dict[str, Any]) -> None:
    jsonschema.validate(compose, schema(), cls=jsonschema.validators.validator_for(schema()))


def test_the_schema_would_refuse_a_misspelt_key(compose: dict[str, Any]) -> None:
    broken = json.loads(json.dumps(compose))
    broken["services"]["web"]["heathcheck"] = broken["services"]["web"].pop("healthcheck")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema(), cls=jsonschema.validators.validator_for(schema()))


def test_what_a_service_names_is_declared(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert set(service.get("depends_on", {})) <= set(compose["services"]), name
        volumes = {volume.split(":")[0] for volume in service.get("volumes", [])}
        assert volumes <= set(compose["volumes"]), name
        assert {config["source"] for config in service.get("configs", [])} <= set(compose["configs"]), name


def test_everything_waits_for_the_migration_and_the_migration_for_the_database(compose: dict[str, Any]) -> None:
    for name in OURS - {"migrate"}:
        assert compose["services"][name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}, (
            name
        )
    assert compose["services"]["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}
    assert compose["services"]["migrate"]["restart"] == "no"


def test_every_lasting_service_says_whether_it_is_well(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        check = service.get("healthcheck", {})
        assert check.get("disable") is True if name == "migrate" else check["test"], name


def test_only_the_migration_knows_the_owners_login(compose: dict[str, Any]) -> None:
    for name in OURS:
        environment = compose["services"][name]["environment"]
        assert environment["DJANGO_SETTINGS_MODULE"] == "revlog.settings.prod"
        assert environment["DATABASE_URL"].startswith("postgresql://revlog_app:")
        assert ("DATABASE_OWNER_URL" in environment) == (name == "migrate"), name


def test_the_servers_are_new_enough_and_no_container_of_ours_has_rights_to_spare(compose: dict[str, Any]) -> None:
    major = re.fullmatch(r"postgres:(\d+)-\w+", compose["services"]["postgres"]["image"])
    assert major is not None
    assert int(major[1]) >= 15
    assert compose["services"]["valkey"]["image"].startswith("valkey/valkey:")
    for name in OURS:
        service = compose["services"][name]
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"] is True, name
        assert "ports" not in service or name == "web"


def test_containers_run_what_the_procfile_runs(compose: dict[str, Any]) -> None:
    procfile = (ROOT / "Procfile").read_text()
    here = sorted(re.findall(r"--queues (\S+)", procfile))
    there = sorted(
        command[command.index("--queues") + 1]
        for service in compose["services"].values()
        if "--queues" in (command := service.get("command", []))
    )
    assert here == there
    for line in procfile.splitlines():
        words = [Path(word).name for word in shlex.split(line)]
        assert any(words[words.index(program) + 1 :][:1] == service["command"][1:2]
                   for program in ("gunicorn", "celery") if program in words
                   for service in compose["services"].values() if service.get("command", [""])[0] == program), line  # fmt: skip


def test_every_queue_that_the_settings_name_has_a_worker(compose: dict[str, Any]) -> None:
    from django.conf import settings

    served = {
        queue
        for service in compose["services"].values()
        if "--queues" in (command := service.get("command", []))
        for queue in command[command.index("--queues") + 1].split(",")
    }
    assert served == set(settings.LEASE_SECONDS)


def test_every_variable_of_the_compose_file_is_documented(documented: set[str]) -> None:
    used = set(re.findall(r"\$\{([A-Z0-9_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert used <= documented
    assert {"REVLOG_APP_PASSWORD", "REVLOG_OWNER_PASSWORD"} <= used


def test_every_variable_that_the_code_reads_is_documented_and_none_that_it_does_not(documented: set[str]) -> None:
    sources = [*ROOT.glob("*.py"), ROOT / "Makefile", ROOT / "docker-compose.yml", ROOT / "tools" / "python"]
    for folder in (
        "revlog",
        "returns",
        "triage",
        "refurb",
        "itad",
        "resale",
        "recycling",
        "reporting",
        "tools",
        "tests/real",
        "tests/prove",
    ):
        sources += (ROOT / folder).rglob("*.py")
    read = {name for path in sources for name in VARIABLE.findall(path.read_text())} - INTERNAL
    assert read - documented == set()
    assert {name for name in documented if name.startswith("REVLOG_")} - read == set()


def test_the_image_runs_as_an_ordinary_account_and_holds_every_app() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users
    assert users[-1] not in {"root", "0"}
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    tree = ast.parse((ROOT / "revlog" / "settings" / "base.py").read_text())
    apps = {
        element.value.split(".")[0]
        for node in tree.body
        if isinstance(node, ast.Assign)
        and getattr(node.targets[0], "id", "") == "INSTALLED_APPS"
        and isinstance(node.value, ast.List)
        for element in node.value.elts
        if isinstance(element, ast.Constant) and isinstance(element.value, str)
    }
    own = {app for app in apps if (ROOT / app).is_dir()}
    assert "revlog" in own
    assert own <= kept


def test_the_lists_of_packages_hold_digests_and_no_address() -> None:
    for path in ROOT.glob("requirements*.txt"):
        content = path.read_text()
        assert "://" not in content, path.name
        for line in filter(None, content.splitlines()):
            assert line.startswith((" ", "#")) or line.rstrip().endswith("\\"), f"{path.name}: {line} has no digest"
