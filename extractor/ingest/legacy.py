"""Files of older office programs, turned into today's by LibreOffice where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from extractor.errors import UnreadableInput

_SECONDS = 120
_SHEETS = ("Workbook", "Book")
_ENTRY, _NAME = 128, 64
INSTALL = "install LibreOffice (Debian: apt install libreoffice-writer libreoffice-calc)"
# no macro runs, no link is updated, and whatever would be fetched goes to a port where nothing listens
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop>
<prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop>
<prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop>
<prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop>
<prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop>
<prop oor:name="ooInetNoProxy" oor:op="fuse"><value></value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
</oor:items>
"""


def program() -> str | None:
    """LibreOffice's program, None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def converted(data: bytes, name: str) -> bytes:
    """The same document as .docx or .xlsx; raises `UnreadableInput` where that cannot be done."""
    office = program()
    if office is None:
        raise UnreadableInput(f"{name}: files of this kind are read by way of LibreOffice: {INSTALL}")
    sheet = _is_workbook(data) or b"opendocument.spreadsheet" in data[:200]
    ending = "xlsx" if sheet else "docx"
    with tempfile.TemporaryDirectory(prefix="extractor-") as folder:
        home = Path(folder)
        (home / "profile" / "user").mkdir(parents=True)
        (home / "profile" / "user" / "registrymodifications.xcu").write_text(_SETTINGS)
        source = home / ("document.xls" if sheet else "document.doc")
        source.write_bytes(data)
        _run(
            [office, "--headless", "--norestore", f"-env:UserInstallation=file://{home}/profile",
             "--convert-to", ending, "--outdir", str(home), str(source)], home, name,
        )  # fmt: skip
        made = home / f"document.{ending}"
        if not made.exists():
            raise UnreadableInput(f"{name}: LibreOffice could not read this file")
        return made.read_bytes()


def _is_workbook(data: bytes) -> bool:
    """Whether an OLE file holds a workbook: one of the entries of its directory is named so."""
    for name in _SHEETS:
        coded = name.encode("utf-16-le") + b"\0\0"
        size = len(coded).to_bytes(2, "little")
        at = data.find(coded)
        while at >= 0:
            if at % _ENTRY == 0 and data[at + _NAME : at + _NAME + 2] == size:
                return True
            at = data.find(coded, at + 1)
    return False


def _run(words: list[str], home: Path, name: str) -> None:
    environment = {**os.environ, "HOME": str(home), "http_proxy": "http://127.0.0.1:9"}
    try:
        subprocess.run(
            words, env=environment, cwd=home, timeout=_SECONDS, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnreadableInput(f"{name}: LibreOffice did not finish with this file") from error
