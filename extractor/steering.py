"""Text in a document that tries to steer a model: found and reported, never obeyed (check D4)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor.document import Document, Span

_ATTEMPTS = re.compile(
    r"(?:忽略|无视|不要理会|请勿遵守)[^。;\n]{0,12}(?:以上|之前|前面|上述|先前|所有|全部|任何)"
    r"[^。;\n]{0,12}(?:指令|提示|要求|规则|内容|说明)"
    r"|(?:以上|之前|前面|上述|先前)[^。;\n]{0,8}(?:指令|提示词?)(?:作废|无效|取消)"
    r"|(?:你|您)(?:现在)?(?:是|扮演|作为)(?:一个|一名|一位)?[^。;\n]{0,12}(?:助手|模型|机器人|AI|人工智能)"
    r"|(?:作为|如果你是)(?:一个)?(?:AI|人工智能|大?语言模型|大模型)(?:助手|模型|,)"
    r"|(?:系统|开发者)(?:提示词?|指令):"
    r"|将[^。;,\n]{0,12}(?:填为|填写为|填成|改为|输出为|设为|评为)[^。;\n]{0,10}(?:100|满分|无|空|null)"
    r"|无需(?:抽取|提取|摘录)"
    r"|请?(?:审核|评审|评价|识别|抽取|阅读)[^。;,\n]{0,4}(?:模型|程序|系统|软件|工具)[^。;\n]{0,8}(?:忽略|无视|跳过|直接|不再)"
    r"|(?:模型|程序|系统)[^。;\n]{0,16}直接[^。;\n]{0,10}(?:判定|评定|认定|评为|通过)"
    r"|(?:智能|自动|机器|计算机)[^。;,\n]{0,6}(?:审核|评审|识别|抽取|阅读|评价)[^。;,\n]{0,6}(?:系统|程序|工具|模型)?[^。;\n]{0,14}"
    r"(?:应|请|须|直接)(?:直接)?(?:给出|输出|判定|认定|填写|忽略)"
    r"|(?i:ignore\s*(?:all|any|the|previous|above)[^.\n]{0,40}(?:instruction|prompt|rule)s?)"
    r"|(?i:(?:system|developer)\s*(?:prompt|message)\s*:)"
    r"|(?i:you\s*are\s*(?:now\s*)?(?:an?\s*)?(?:assistant|AI|language\s*model))"
    r"|<\|?(?:im_start|im_end|system|endoftext)\|?>"
)


def steering_spans(document: Document) -> Iterator[Span]:
    """Places where the text addresses a model instead of a reader."""
    view = document.squeezed
    for match in _ATTEMPTS.finditer(view.text):
        yield view.span(*match.span())
