"""Pictures, with the clients that partners use and in the words of docs/images.md."""

import os
import re
import shutil
import subprocess
import sys
import zlib

import httpx
import pytest

from demo.content import landing_page
from functions.landing_page_publish.gates import HOW_TO_UPLOAD
from stack import Stack
from tests.actors import Actor, Person, sign_token
from tests.conftest import REPOSITORY
from tests.database import Database
from tests.flows.records import Records
from tests.flows.scene import Scene

GUIDE = (REPOSITORY / "docs" / "images.md").read_text()

# Around what the guide says: who is signed in, and what was found in the end.
_JS = """
import {{ createClient }} from '@supabase/supabase-js'
const supabase = createClient(process.env.SUPABASE_URL, process.env.SUPABASE_KEY, {{
  auth: {{ persistSession: false }}, realtime: {{ transport: class {{}} }},
}})
const session = {{ access_token: process.env.TOKEN, refresh_token: 'none' }}
if (session.access_token) await supabase.auth.setSession(session)
const file = new Blob([Buffer.from(process.env.PICTURE, 'hex')], {{ type: 'image/webp' }})
{steps}
process.stdout.write(publicUrl)
process.exit(0)
"""
_PY = """
import os, sys
from supabase import create_client
supabase = create_client(os.environ["SUPABASE_URL"], os.environ["SUPABASE_KEY"])
supabase.auth.set_session(os.environ["TOKEN"], "none")
file = bytes.fromhex(os.environ["PICTURE"])
{steps}
sys.stdout.write(public_url)
"""


def _png(width: int, height: int) -> bytes:
    """Draw a plain picture (https://www.w3.org/TR/png-3/)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    header = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 2, 0, 0, 0])
    rows = (b"\0" + b"\x1d\x5c\x4d" * width) * height
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


PICTURE = _png(8, 8)


def _examples(language: str) -> list[str]:
    """Return the guide's examples in a language."""
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def _hint(language: str) -> str:
    """Return the line that a refused submission says, with what it takes for granted."""
    name, given, then = {
        "js": (
            "supabase-js",
            "const { data: { user } } = await supabase.auth.getUser()",
            "const publicUrl = ''",
        ),
        "python": ("supabase-py", "user = supabase.auth.get_user().user", "public_url = ''"),
    }[language]
    (line,) = (text.removeprefix(f"{name}: ") for text in HOW_TO_UPLOAD.splitlines() if text.startswith(name))
    if language == "js":
        line = f"const {{ error }} = {line}; if (error) throw error"
    return f"{given}\n{line}\n{then}"


def _run(
    language: str, scene: Scene, who: Person | None, steps: str, key: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run steps as somebody's own program, or nobody's with a key of its own."""
    node = shutil.which("node")
    assert node is not None
    command = {
        "js": [node, "--input-type=module", "--eval", _JS.format(steps=steps)],
        "python": [sys.executable, "-c", _PY.format(steps=steps)],
    }[language]
    env = {
        "PATH": os.environ["PATH"],
        "SUPABASE_URL": scene.project.supabase_url,
        "SUPABASE_KEY": key or scene.project.publishable_key,
        "TOKEN": sign_token(scene.project, who) if who else "",
        "PICTURE": PICTURE.hex(),
    }
    return subprocess.run(
        command, env=env, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False
    )


def _upload(
    scene: Scene, who: Actor, name: str, content: bytes = PICTURE, kind: str = "image/png"
) -> httpx.Response:
    headers = {"apikey": scene.project.publishable_key, "Content-Type": kind, **scene.authorization(who)}
    url = f"{scene.project.supabase_url}/storage/v1/object/landing-page-images/{name}"
    return scene.http.post(url, content=content, headers=headers)


@pytest.mark.parametrize("language", ["js", "python"])
def test_guide_leads_from_a_file_to_a_picture_on_a_live_page(
    language: str, scene: Scene, platform: Database
) -> None:
    partner = platform.add_partner()

    done = _run(language, scene, partner, _examples(language)[0])

    assert done.returncode == 0, done.stderr
    address = done.stdout
    shown = scene.http.get(address)
    assert (shown.status_code, shown.content, shown.headers["content-type"]) == (200, PICTURE, "image/webp")
    assert shown.headers["cache-control"] == "max-age=31536000"
    me = scene.client(partner)
    page = landing_page(partner.path("foto"))
    picture = {"src": address, "alt": "Een nieuw dak", "width": 8, "height": 8}
    page["content_json"]["blocks"][0]["data"]["image"] = picture
    live = scene.http.get(f"{scene.project.functions_url}{page['path']}")
    assert live.status_code == 404
    page_id = str(me.insert("partner_landing_pages", page)["id"])
    me.step(page_id, "submit")
    scene.approve(page_id)
    live = scene.http.get(f"{scene.project.functions_url}{page['path']}")
    assert f'src="{address}"' in live.text
    (policy,) = re.findall(r"img-src ([^;]+)", live.headers["content-security-policy"])
    assert policy == f"data: 'self' {scene.images}"
    assert address.startswith(scene.images)


def test_folder_of_a_partner_who_left_is_deleted_as_the_guide_says(
    scene: Scene, stack: Stack, platform: Database
) -> None:
    partner = platform.add_partner()
    for name in ("een.png", "twee.png"):
        assert _upload(scene, partner, f"{partner.id}/{name}").status_code == 200
    platform.run("delete from auth.users where id = %s", [partner.id])
    folder, nothing = f"const folder = '{partner.id}'\n", "\nconst publicUrl = ''"

    done = _run("js", scene, None, folder + _examples("js")[1] + nothing, key=stack.state.secret_key)

    assert done.returncode == 0, done.stderr
    assert scene.http.get(f"{scene.images}{partner.id}/een.png").json()["message"] == "Object not found"
    assert platform.rows("select from storage.objects where name like %s", [f"{partner.id}/%"]) == []


@pytest.mark.parametrize("language", ["js", "python"])
def test_refusal_says_a_line_that_works(language: str, scene: Scene, platform: Database) -> None:
    partner = platform.add_partner()

    done = _run(language, scene, partner, _hint(language))

    assert done.returncode == 0, done.stderr
    assert scene.http.get(f"{scene.images}{partner.id}/dak.webp").content == PICTURE


def test_strange_logo_is_refused_and_nothing_changes(
    scene: Scene, platform: Database, records: Records
) -> None:
    partner = platform.add_partner()
    me = scene.client(partner)
    page_id = str(me.insert("partner_landing_pages", landing_page(partner.path("logo")))["id"])
    platform.run(
        "update public.profiles set logo_url = 'https://elders.example/logo.png' where id = %s", [partner.id]
    )
    before = records.fingerprint()

    answer = scene.http.post(
        f"{scene.project.functions_url}/landing-pages/{page_id}/submit", headers=scene.authorization(partner)
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "content_refused")
    assert [failure["path"] for failure in answer.json()["errors"]] == ["logo_url"]
    assert HOW_TO_UPLOAD in answer.json()["hint"]
    assert records.fingerprint() == before


def _says(answer: httpx.Response) -> tuple[str, str]:
    return answer.json()["statusCode"], answer.json()["message"]


def test_storage_says_what_the_guide_says(scene: Scene) -> None:
    me = scene.partner
    name = f"{me.id}/eenmaal.png"
    assert _upload(scene, me, name).status_code == 200

    policy = "new row violates row-level security policy"
    assert _says(_upload(scene, scene.stranger, f"{me.id}/anders.png")) == ("403", policy)
    assert _says(_upload(scene, "anon", f"{me.id}/anders.png")) == ("403", policy)
    assert _says(_upload(scene, me, f"{me.id}/anders.svg")) == ("403", policy)
    assert _says(_upload(scene, me, name)) == ("409", "The resource already exists")
    assert _says(_upload(scene, me, f"{me.id}/a.png", kind="text/html")) == (
        "415",
        "mime type text/html is not supported",
    )
    assert _says(_upload(scene, me, f"{me.id}/groot.png", b"x" * (2 * 2**20 + 1))) == (
        "413",
        "The object exceeded the maximum allowed size",
    )
    for said in (
        policy,
        "The resource already exists",
        "mime type …",
        "The object exceeded the maximum allowed size",
    ):
        assert said in GUIDE


def test_upsert_replaces_nothing(scene: Scene) -> None:
    me = scene.partner
    name = f"{me.id}/blijft.png"
    _upload(scene, me, name)
    headers = {
        "apikey": scene.project.publishable_key,
        "x-upsert": "true",
        "Content-Type": "image/png",
        **scene.authorization(me),
    }
    url = f"{scene.project.supabase_url}/storage/v1/object/landing-page-images/{name}"

    answer = scene.http.post(url, content=b"anders", headers=headers)

    assert answer.json()["statusCode"] == "409"
    assert scene.http.get(f"{scene.images}{name}").content == PICTURE
