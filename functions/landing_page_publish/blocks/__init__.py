"""The catalogue of blocks. Each is one file: what it holds, how it looks, and a sample.

A further block is a further file here, and touches nothing else.
"""

import importlib
import pkgutil
from types import MappingProxyType

from functions.landing_page_publish.block import Block


def _load() -> dict[str, type[Block]]:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return {block.kind: block for block in sorted(Block.__subclasses__(), key=lambda block: block.kind)}


CATALOGUE = MappingProxyType(_load())
"""Every block by its type."""
