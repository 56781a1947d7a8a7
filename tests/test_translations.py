"""The catalogue is in step with the code, complete, and its fields match."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "cert_portal/web/translations/zh_Hant/LC_MESSAGES/messages.po"
FIELD = re.compile(r"%\((\w+)\)s|%(?![%(\s])")
AVOIDED = (
    "通報單",
    "資通安全",
    "抑制",
    "有害程序",
    "惡意程式",
    "網頁篡改",
    "弱點",
    "工作日",
    "時間軸",
    "信息",
    "軟體",
    "用戶名",
)


def test_extracting_again_changes_nothing() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "deploy/messages.py"), "--check"], check=False)
    assert done.returncode == 0, "run `make messages`"


def test_every_text_has_its_chinese() -> None:
    with CATALOGUE.open("rb") as file:
        for message in read_po(file):
            if message.id:
                assert message.string, message.id
                assert not message.fuzzy, message.id


def test_every_sentence_of_the_code_is_in_the_catalogue() -> None:
    """Those inside f-strings, too, which the extraction does not see."""
    with CATALOGUE.open("rb") as file:
        known = {str(message.id if isinstance(message.id, str) else message.id[0]) for message in read_po(file)}
    for path in (ROOT / "cert_portal").glob("**/*.py"):
        calls = (each for each in ast.walk(ast.parse(path.read_text())) if isinstance(each, ast.Call))
        for call in (each for each in calls if getattr(each.func, "id", "") in ("_", "_l", "gettext", "ngettext")):
            told = call.args[0]
            assert not isinstance(told, ast.Constant) or told.value in known, path


def test_fields_match() -> None:
    with CATALOGUE.open("rb") as file:
        for message in read_po(file):
            if isinstance(message.id, str):
                assert sorted(FIELD.findall(message.id)) == sorted(FIELD.findall(str(message.string))), message.id


def test_hong_kong_wording_and_untranslated_labels() -> None:
    words = CATALOGUE.read_text("utf-8")
    words += "".join(path.read_text("utf-8") for path in (ROOT / "cert_portal/letters").glob("*.zh-hant.txt"))
    for term in AVOIDED:
        assert term not in words, term
    assert "TLP：" not in words
