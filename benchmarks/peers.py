"""What peers send for the same documents: their requests, as a scripted endpoint received them.

Plain instructor asks for the whole report in one call a document; LangExtract runs with its default chunks.
Each is given a short prompt, a schema or an example as it needs, and valid empty answers.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from extractor.document import Document
from extractor.report import Report
from tests.endpoint import Endpoint, Step

PROMPT = "从部门整体支出绩效自评材料中提取部门、年度、预算、目标、任务、指标、项目、问题和措施，照原文。"
EXAMPLE = "望溪区园林局2030年度部门整体支出绩效自评表 年初预算 1,200.00万元 新建公园数 ≥3处 4处"


def sent(documents: list[Document]) -> dict[str, list[dict[str, Any]]]:
    """The bodies of each peer's requests by its name; a peer that is not installed is left out."""
    found = {"plain instructor": _instructor(documents)}
    try:
        found["LangExtract (defaults)"] = _langextract(documents)
    except ImportError:
        print("LangExtract is not installed here: make bench")
    return found


def _instructor(documents: list[Document]) -> list[dict[str, Any]]:
    import instructor
    import openai

    empty = Report().model_dump_json()

    async def run(url: str) -> None:
        sdk = openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0)
        client = instructor.from_openai(sdk, mode=instructor.Mode.JSON_SCHEMA)
        for document in documents:
            messages: Any = [
                {"role": "system", "content": PROMPT},
                {"role": "user", "content": document.text},
            ]
            await client.chat.completions.create(
                model="m", messages=messages, response_model=Report, strict=False, max_retries=0
            )
        await sdk.close()

    with Endpoint(answer=lambda _: Step(empty)) as server:
        asyncio.run(run(server.url))
        return server.requests


def _langextract(documents: list[Document]) -> list[dict[str, Any]]:
    import langextract
    from langextract.providers.openai import OpenAILanguageModel

    example = langextract.data.ExampleData(
        text=EXAMPLE,
        extractions=[
            langextract.data.Extraction("department", "望溪区园林局"),
            langextract.data.Extraction("initial", "1,200.00"),
            langextract.data.Extraction(
                "indicator", "新建公园数", attributes={"target": "≥3处", "actual": "4处"}
            ),
        ],
    )
    nothing = json.dumps({"extractions": []})
    with Endpoint(answer=lambda _: Step(nothing)) as server:
        model = OpenAILanguageModel(model_id="gpt-4o-mini", api_key="none", base_url=server.url)
        for document in documents:
            langextract.extract(
                text_or_documents=document.text,
                prompt_description=PROMPT,
                examples=[example],
                model=model,
                show_progress=False,
            )
        return server.requests
