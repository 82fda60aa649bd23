"""Reading functions.toml, and what each function's settings are."""

import importlib
import tomllib
import typing
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from shared.http.settings import Settings

REPOSITORY = Path(__file__).resolve().parent.parent

Segment = Annotated[str, Field(pattern=r"^[a-z][a-z0-9.-]*$")]


class Function(BaseModel):
    """A function as functions.toml has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    paths: tuple[Segment, ...] = Field(min_length=1)
    is_default: bool = False
    is_internal: bool = False
    schedule: dict[str, str] = {}
    subscribes_to: str | None = None
    """The setting that names the topic it is pushed from."""
    memory: str
    concurrency: int = Field(ge=1, le=1000)
    min_instances: int = Field(ge=0)
    max_instances: int = Field(ge=1)
    timeout_seconds: int = Field(ge=1, le=3600)


class Setting(NamedTuple):
    """An environment variable of a function."""

    name: str
    is_required: bool
    is_secret: bool


def load() -> dict[str, Function]:
    """Return the functions by name, in the file's order."""
    text = (Path(__file__).parent / "functions.toml").read_text()
    return {name: Function.model_validate(told) for name, told in tomllib.loads(text).items()}


def routes() -> dict[str, str]:
    """Return which function each first segment of a path belongs to."""
    return {path: name for name, function in load().items() for path in function.paths}


def default_function() -> str:
    """Return the function that all other paths go to."""
    (name,) = [name for name, function in load().items() if function.is_default]
    return name


def settings_of(function: str) -> list[Setting]:
    """Return the settings of a function, as its own class of settings has them."""
    module = importlib.import_module(f"functions.{function}.settings")
    kinds = [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Settings) and kind.__module__ == module.__name__
    ]
    # A command of the function's may have settings of its own, which those of the function build on.
    (kind,) = [kind for kind in kinds if not any(kind in other.__bases__ for other in kinds)]
    return [
        Setting(name.upper(), field.is_required(), _holds_secret(field.annotation))
        for name, field in kind.model_fields.items()
    ]


def _holds_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(map(_holds_secret, typing.get_args(annotation)))
