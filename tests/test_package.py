"""The wheel as others install it."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import extractor
from tests.conftest import ROOT, SAMPLES


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def test_an_installed_wheel_works_outside_the_checkout(built: Path, tmp_path: Path) -> None:
    wheel = next(built.glob("*.whl"))
    target = tmp_path / "site"
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(target),
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    program = (
        "import extractor, sys\n"
        "from extractor.resources import prompts_folder, samples_folder\n"
        "assert extractor.__file__.startswith(sys.argv[1]), extractor.__file__\n"
        "sample = samples_folder() / 'e-jiaoyu.txt'\n"
        "print(extractor.extract_bytes(sample.read_bytes(), sample.name).report.department)\n"
        "from extractor.prompts import load, rendered\n"
        "prompt = load(prompts_folder(), 'budget')\n"
        "print(len(rendered(prompt, lines='1|单位：万元')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(target)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "霁川市教育局"


def test_the_wheel_carries_prompts_samples_and_licence(built: Path) -> None:
    names = zipfile.ZipFile(next(built.glob("*.whl"))).namelist()
    carried = [name for name in names if name.startswith("extractor/data/samples/") and name.endswith(".txt")]
    assert len(carried) == len(list(SAMPLES.glob("*.txt")))
    assert any(name.startswith("extractor/data/prompts/") and name.endswith(".md") for name in names)
    assert any(name.endswith("LICENSE") for name in names)
    assert any(name.endswith("vocabulary.toml") for name in names)
    metadata = (
        zipfile.ZipFile(next(built.glob("*.whl")))
        .read(next(n for n in names if n.endswith("METADATA")))
        .decode()
    )
    assert "License-Expression: Apache-2.0" in metadata
    assert "Requires-Python: >=3.11" in metadata


def test_the_source_distribution_builds(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = archive.getnames()
    assert any(name.endswith("samples/d-shuiwu.txt") for name in names)


def test_the_public_names_are_pinned() -> None:
    assert extractor.__all__ == [
        "ExtractorError", "IncompleteRun", "InputError", "NoEndpoint", "NotSelfEvaluation", "UnreadableInput",
        "UnwritableOutput", "__version__", "extract_bytes", "extract_text",
    ]  # fmt: skip
    assert all(hasattr(extractor, name) for name in extractor.__all__)


def test_no_file_names_a_package_registry() -> None:
    tracked = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=False
    ).stdout.split()
    for name in tracked:
        path = ROOT / name
        if path.suffix in (".toml", ".lock", ".txt", ".cfg", ".md", "") and path.is_file():
            text = path.read_text("utf-8", errors="ignore")
            assert "index-url" not in text.replace("--no-emit-index-url", ""), name
            assert "pypi." + "org" not in text, name
