"""Bytes into documents: charsets, line ends, and what is no text."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import ExtractorError, UnreadableInput
from extractor.ingest.text import document
from tests.conftest import SAMPLES

TEXT = (SAMPLES / "d-shuiwu.txt").read_text("utf-8")
PLAIN = """部门整体支出绩效自评表
单位：万元
年初预算数 1,234.50 实际支出数 1,180.00
一、存在的主要问题
预算编制不够细化。
"""
TRADITIONAL = """部門整體支出績效自評表
單位：萬元
年初預算數 1,234.50 實際支出數 1,180.00
存在的主要問題：預算編製不夠細化。
"""


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_chinese_encodings_and_line_ends(encoding: str, end: str) -> None:
    text = PLAIN.replace("\n", end)
    assert document(text.encode(encoding), "x").text == text


def test_big5_is_read() -> None:
    assert document(TRADITIONAL.encode("big5"), "x").text == TRADITIONAL


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_a_whole_sample_in_each_encoding(encoding: str) -> None:
    assert document(TEXT.encode(encoding), "x").text == TEXT


def test_one_damaged_byte_loses_one_character() -> None:
    data = bytearray(PLAIN.encode("gb18030") * 20)
    data[-8] = 0xFF
    text = document(bytes(data), "x").text
    assert 1 <= text.count("\ufffd") <= 2
    assert "年初预算数 1,234.50" in text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \r\n\t \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"PK\x03\x04" + bytes(60), "office"),
        (b"\x89PNG\r\n\x1a\n" + bytes(60), "image"),
        (bytes(range(256)) * 40, "text"),
        (b"a\x00b\x01c\x02d\x03" * 50, "binary"),
    ],
)
def test_what_is_no_text_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableInput, match=words):
        document(data, "x.txt")


def test_a_file_over_the_limit_is_refused() -> None:
    with pytest.raises(UnreadableInput, match="--max-bytes"):
        document(b"a" * 101, "x", max_bytes=100)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_document_or_an_error_of_ours(data: bytes) -> None:
    with contextlib.suppress(ExtractorError):
        document(data, "x")
