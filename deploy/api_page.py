"""docs/openapi.yaml as a page to read and to try things on, which needs no server and asks nobody."""

import json
import shutil
from pathlib import Path

from deploy.manifest import REPOSITORY

_SWAGGER_UI = REPOSITORY / "node_modules" / "swagger-ui-dist"
_FILES = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")

# Swagger UI fetches its description; from a page that was opened as a file, an address made of text will do.
_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Partner marketing: the functions' API</title>
<link rel="icon" href="favicon-32x32.png">
<link rel="stylesheet" href="swagger-ui.css">
<div id="api"></div>
<script src="swagger-ui-bundle.js"></script>
<script>
const description = {description};
SwaggerUIBundle({{
  url: URL.createObjectURL(new Blob([description], {{ type: "application/yaml" }})),
  dom_id: "#api",
  deepLinking: true,
  docExpansion: "list",
  validatorUrl: null,
}});
</script>
"""


def make_api_page(directory: Path) -> Path:
    """Write the page and what it needs into a folder, and return it."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        shutil.copy(_SWAGGER_UI / name, directory)
    description = json.dumps((REPOSITORY / "docs" / "openapi.yaml").read_text()).replace("</", "<\\/")
    page = directory / "index.html"
    page.write_text(_PAGE.format(description=description))
    return page
