"""What stands before the functions: one origin, from which each path reaches the function whose it is.

Pages send views and forms to `/events` and `/leads` of their own origin, and their Content-Security-Policy
lets them go nowhere else.
"""

import json
from collections.abc import Mapping

from deploy.manifest import default_function, load

_NGINX = """\
# Made by `python -m deploy nginx` from functions.toml. It belongs into nginx's `http` block.
{upstreams}
server {{
  listen {listen};
  server_name {host};
  # A body of ours has 1 MB at most, and its headers 32 kB.
  client_max_body_size 1m;
  client_body_timeout 15s;
  client_header_timeout 15s;
  # Visitors' addresses stay out of files.
  access_log off;

  location = /robots.txt {{
    default_type text/plain;
    return 200 "User-agent: *\\nAllow: /\\n\\nSitemap: {site}/sitemap.xml\\n";
  }}
  location = /favicon.ico {{
    return 204;
  }}
{locations}
  location / {{
{default}
  }}
}}
"""

_UPSTREAM = """\
upstream {name} {{
  server {address} max_fails=0;
  keepalive 32;
  # Before the function's own server ends a connection that is idle, which it does after five.
  keepalive_timeout 4s;
}}"""

# A request that may have reached a function is not sent again: nginx does not know what counts once.
_TO = """\
    proxy_pass http://{name};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $host;
    proxy_set_header X-Request-Id $request_id;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_read_timeout {timeout}s;
    proxy_next_upstream off;"""

_LOCATION = """\
  location ~ ^/{pattern}(/|$) {{
{to}
  }}"""


def nginx(site: str, listen: str, addresses: Mapping[str, str]) -> str:
    """Return a server for nginx: `addresses` says where each function listens, as host:port.

    Functions that a scheduler alone calls are reached by it too, with its secret.
    """
    functions = load()
    to = {
        name: _TO.format(name=name, timeout=function.timeout_seconds + 5)
        for name, function in functions.items()
    }
    return _NGINX.format(
        upstreams="\n".join(_UPSTREAM.format(name=name, address=addresses[name]) for name in functions),
        listen=listen,
        host=site.partition("://")[2].partition(":")[0],
        site=site,
        locations="\n".join(
            _LOCATION.format(pattern=path.replace(".", r"\."), to=to[name])
            for name, function in functions.items()
            for path in function.paths
        ),
        default=to[default_function()],
    )


def url_map(name: str, host: str) -> str:
    """Return a URL map of Google's load balancer, as `gcloud compute url-maps import` reads it; JSON is YAML.

    Each function is behind a backend service of its own name, and robots.txt in a backend bucket.
    https://cloud.google.com/load-balancing/docs/url-map-concepts
    """
    rules = [
        {"paths": [f"/{path}", f"/{path}/*"], "service": _backend(function)}
        for function, told in load().items()
        if not told.is_internal
        for path in told.paths
    ]
    robots = {"paths": ["/robots.txt"], "service": "global/backendBuckets/robots"}
    matcher = {
        "name": "functions",
        "defaultService": _backend(default_function()),
        "pathRules": [*rules, robots],
    }
    document = {
        "name": name,
        "defaultService": _backend(default_function()),
        "hostRules": [{"hosts": [host], "pathMatcher": "functions"}],
        "pathMatchers": [matcher],
    }
    return json.dumps(document, indent=2)


def service_name(function: str) -> str:
    """Return a function's name on Cloud Run, which takes no underscore."""
    return function.replace("_", "-")


def _backend(function: str) -> str:
    return f"global/backendServices/{service_name(function)}"
