"""What is deployed: a folder a function, which stands on its own."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.cold_starts import measure_cold_starts
from deploy.manifest import REPOSITORY, load
from deploy.package import make_packages
from stack import Stack
from stack.progress import Progress
from tests.deploy.conftest import Install
from tests.flows.alone import FUNCTIONS, own_settings, running
from tests.flows.scene import Scene


@pytest.mark.parametrize("function", FUNCTIONS)
def test_folder_has_what_its_function_needs_and_starts(
    function: str, install: Install, scene: Scene, tmp_path: Path
) -> None:
    installed = install(function)

    with running(function, own_settings(function, scene.project), tmp_path, installed) as alone:
        assert scene.http.get(f"{alone.url}/healthz").json() == {"status": "ok"}
        assert scene.http.get(f"{alone.url}/readyz").json()["status"] == "ready"

    others = {path.name for path in (installed.folder / "functions").iterdir()} - {
        "__init__.py",
        "__pycache__",
        function,
    }
    assert others == set(), "no other function's code"


def test_first_answer_is_measured(empty_environment: Path, stack: Stack, scene: Scene) -> None:
    """How soon it comes is for `make bench` to say."""
    assert scene
    starts = measure_cold_starts(stack, Progress(), 1, empty_environment.parent)

    assert {start.function for start in starts} == load().keys()
    assert all(start.median_ms > start.limit_ms / 10 > 0 < start.kilobytes for start in starts)


def test_development_packages_are_not_deployed(packages: Path) -> None:
    lock = (packages / "jobs" / "requirements.txt").read_text()
    deployed = _versions(lock)

    assert {"pytest", "mypy", "typer", "psycopg", "supabase", "uv"} & deployed.keys() == set()
    assert {"functions-framework", "postgrest", "pydantic"} <= deployed.keys()
    assert lock.count("--hash=sha256:") >= len(deployed)
    # What is tested is what is deployed.
    tested = _versions((REPOSITORY / "requirements-dev.lock").read_text())
    assert deployed.items() <= tested.items()


def _versions(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[a-z]+\])?==([^ ;]+)", lock, flags=re.MULTILINE))


def test_image_runs_one_function_as_nobody_in_particular(packages: Path) -> None:
    for function in FUNCTIONS:
        lines = (packages / function / "Dockerfile").read_text().splitlines()

        assert (
            f"ENV FUNCTION_SOURCE=functions/{function}/main.py FUNCTION_TARGET=main FUNCTION_USE_ASGI=true"
            in lines
        )
        assert "USER 10001" in lines
        assert lines[-1] == 'CMD ["functions-framework"]'
        assert any("--require-hashes" in line for line in lines)


def test_what_was_there_before_is_gone(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "old.py").touch()

    make_packages(tmp_path)

    assert not (tmp_path / "jobs" / "old.py").exists()


def test_functions_import_nothing_of_one_another() -> None:
    """A folder has one function in it, so what two need stands in `shared`."""
    for function in FUNCTIONS:
        for file in (REPOSITORY / "functions" / function).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                module = node.module if isinstance(node, ast.ImportFrom) else None
                if module and module.startswith("functions."):
                    assert module.split(".")[1] == function, file


def test_every_function_is_in_the_manifest_with_paths_of_its_own() -> None:
    folders = {file.parent.name for file in (REPOSITORY / "functions").glob("*/main.py")}
    paths = [path for function in load().values() for path in function.paths]

    assert load().keys() == folders
    assert len(paths) == len({*paths})


def test_make_package_says_where_it_is(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deploy", "package", "--directory", str(tmp_path)]
    said = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout

    assert [Path(line.split()[-1]) for line in said.splitlines()] == [tmp_path / name for name in load()]
