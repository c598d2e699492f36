"""`extractor doctor`: whether the endpoint works, how it is asked, and what it costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from extractor.cli.settings import Settings, endpoint_of, ledger_path, limits_of, price_in, settings
from extractor.errors import NoEndpoint
from extractor.llm.client import Client, Options
from extractor.llm.endpoint import Endpoint
from extractor.llm.gate import Gate
from extractor.llm.ledger import Ledger


def run(flags: Mapping[str, Any], config: Path | None) -> None:
    """Show everything that is known of the endpoint; raises `NoEndpoint` where it cannot be used."""
    given = settings(flags, config)
    _reading(given)
    if not given.configured_by:
        print("endpoint   none configured: documents are read by rules")
        print("           set OPENAI_BASE_URL, OPENAI_API_KEY and EXTRACTOR_MODEL, or write extractor.toml")
        return
    endpoint = endpoint_of(given)
    print(f"endpoint   {endpoint.place}")
    print(f"model      {endpoint.model}")
    print(f"set by     {', '.join(given.configured_by)}")
    print(f"key        {'set' if endpoint.api_key else 'none'}")
    _price(given, endpoint)
    print(f"ledger     {ledger_path(given)}")
    asyncio.run(_round_trip(given, endpoint))


def _reading(given: Settings) -> None:
    """Which kinds of files can be read here, and within which bounds."""
    from extractor.cli.reading import reading_of
    from extractor.ingest import legacy, ocr

    lacking = ocr.missing()
    office = legacy.program()
    reading = reading_of(given)
    print(f"scans      {'read' if not lacking else f'not read: {ocr.INSTALL}'}")
    print(f"doc, xls   {f'read by {office}' if office else f'not read: {legacy.INSTALL}'}")
    print(
        f"bounds     {reading.desk.limits.pages} pages, {reading.bounds.seconds:g} s and "
        f"{reading.bounds.megabytes} MB a document, {reading.jobs} at once"
    )
    print(f"readings   {reading.desk.cache or 'not kept'}")


def _price(given: Settings, endpoint: Endpoint) -> None:
    price = price_in(given, endpoint.model)
    if price is None:
        print("price      unknown: give [prices] in extractor.toml to have costs and --max-cost")
        return
    dated = f", as of {price.as_of}" if price.as_of else ""
    print(f"price      {price.input} in, {price.output} out per million tokens, {price.currency}{dated}")


async def _round_trip(given: Settings, endpoint: Endpoint) -> None:
    from extractor.llm.probe import probed

    options = Options(ledger=Ledger(ledger_path(given)))
    client = Client(endpoint, Gate(limits_of(given), options.clock), options)
    remembered = client.mode
    try:
        began = time.perf_counter()
        found = await probed(client, (endpoint.mode,) if endpoint.mode else None)
        seconds = time.perf_counter() - began
    except NoEndpoint as error:
        print("mode       none works")
        raise error
    finally:
        await client.close()
        options.ledger.close()
    for name, result in found.found.items():
        print(f"mode       {name}: {result}")
    if remembered is not None and remembered != found.mode:
        print(f"           {remembered} was remembered before")
    print(f"answers    in {seconds / max(1, len(found.found)):.2f} s a request, in mode {found.mode}")
