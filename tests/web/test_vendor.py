"""What others made lies here unchanged since it was noted, and no page fetches anything from elsewhere."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from exchange.web.reader import TRANSLATIONS

WEB = TRANSLATIONS.parent
VENDOR = WEB / "static" / "vendor"
NOTED = json.loads((VENDOR / "vendor.json").read_text("utf-8"))
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
SCRIPTS = sorted((VENDOR.parent).glob("*.js"))
# The pages on which a key is made, chosen or used; a module of ours is all they may load.
SIGNING = {"browser_key.html", "lost_key.html", "signing_ways.html", "browser_signing.html"}
SCRIPT = re.compile(r"""<script type="module" src="\{\{ asset\('[a-z_]+\.js'\) \}\}"></script>""")
STYLES = sorted((WEB / "static").rglob("*.css"))


def test_every_vendored_file_is_noted_with_its_hash() -> None:
    noted = {name: digest for package in NOTED["packages"] for name, digest in package["files"].items()}
    there = [path for path in VENDOR.rglob("*") if path.is_file() and path.name != "vendor.json"]
    found = {str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest() for path in there}
    assert found == noted


def test_every_vendored_package_names_version_and_licence() -> None:
    assert [(package["name"], package["version"]) for package in NOTED["packages"]] == [("dkfds", "11.2.0")]
    assert all(package["licence"] for package in NOTED["packages"])


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_name_only_files_that_are_here(path: Path) -> None:
    for target in re.findall(r"url\(([^)]+)\)", path.read_text("utf-8")):
        assert (path.parent / target.strip("\"'")).is_file(), target


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_point_nowhere_else(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "://" not in text
    assert "sourceMappingURL" not in text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_foreign_address_no_inline_style_and_no_script(path: Path) -> None:
    text = path.read_text("utf-8")
    if path.name in SIGNING:
        text = SCRIPT.sub("", text, count=1)
    assert "://" not in text
    assert not re.search(r"\sstyle=|<style|<script|\son[a-z]+=", text)
    assert "| safe" not in text and "|safe" not in text


def test_scripts_name_no_other_origin_and_make_no_code_or_markup_out_of_text() -> None:
    assert len(SCRIPTS) > 5
    for path in SCRIPTS:
        text = path.read_text("utf-8")
        assert len(text.splitlines()) <= 200
        assert not re.search(
            r"\beval\b|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write", text
        )
        assert not re.search(r"setTimeout|setInterval|\bimport\(|sourceMappingURL", text)
        assert re.findall(r"https?://[^\s\"]+", text) in ([], ["https://www.w3.org/ns/credentials/v2"])
        for target in re.findall(r'^import .* from "([^"]+)";$', text, re.MULTILINE):
            assert (path.parent / target).is_file(), target


def test_every_icon_a_page_asks_for_is_in_the_sprite() -> None:
    sprite = (VENDOR / "dkfds" / "img" / "icons.svg").read_text("utf-8")
    there = set(re.findall(r'<symbol id="([a-z-]+)"', sprite))
    text = "".join(path.read_text("utf-8") for path in TEMPLATES)
    asked = {
        name for call in re.findall(r"icon\(([^)]*)\)", text) for name in re.findall(r'^"([a-z-]+)"', call)
    }
    asked |= set(re.findall(r'icon\("([a-z-]+)" if [^)]*? else "[a-z-]+"', text))
    asked |= set(re.findall(r'icon\("[a-z-]+" if [^)]*? else "([a-z-]+)"', text))
    asked |= set(re.findall(r'icon_name="([a-z-]+)"', text))
    assert asked == there
