"""A function as a folder of its own: its code, its locked packages, and how an image is made of it."""

import shutil
from pathlib import Path

from deploy.manifest import REPOSITORY, load

_DOCKERFILE = """\
# Made by `make package`. `gcloud run deploy --source .` builds it, and so does `docker build .`
FROM python:3.13-slim
ENV PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt
COPY . .
# What is compiled now need not be at each start.
RUN python -m compileall -q functions shared && useradd --no-create-home --uid 10001 app
USER 10001
ENV FUNCTION_SOURCE=functions/{function}/main.py FUNCTION_TARGET=main FUNCTION_USE_ASGI=true
# It listens on PORT, or 8080. In exec form, so that SIGTERM reaches it, and it ends what it began.
CMD ["functions-framework"]
"""

_GCLOUDIGNORE = """\
# What is uploaded is this folder, and nothing that running it here has left behind.
__pycache__/
*.pyc
.env
.git/
.venv/
"""


def make_packages(directory: Path) -> dict[str, int]:
    """Write a folder a function, in place of whatever is there, and return how many bytes each has."""
    sizes = {}
    for function in load():
        folder = directory / function
        shutil.rmtree(folder, ignore_errors=True)
        _write(folder, function)
        sizes[function] = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return sizes


def _write(folder: Path, function: str) -> None:
    without_caches = shutil.ignore_patterns("__pycache__", "*.pyc")
    for package in (f"functions/{function}", "shared"):
        shutil.copytree(REPOSITORY / package, folder / package, ignore=without_caches)
    shutil.copy(REPOSITORY / "functions" / "__init__.py", folder / "functions")
    shutil.copy(REPOSITORY / "requirements.lock", folder / "requirements.txt")
    (folder / "Dockerfile").write_text(_DOCKERFILE.format(function=function))
    (folder / ".gcloudignore").write_text(_GCLOUDIGNORE)
