"""Docstrings are plain text with formulas and sessions: here they become the Markdown that looks the same."""

import re
from typing import Any

import griffe

SESSION = re.compile(r"^>>> .*(?:\n.+)*", re.MULTILINE)
CODE = re.compile(r"(```pycon\n.*?\n```|``.+?``|`[^`\n]+`)", re.DOTALL)


class Docstrings(griffe.Extension):
    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring:
            obj.docstring.value = markdown(obj.docstring.value)


def markdown(text: str) -> str:
    fenced = SESSION.sub(lambda session: f"```pycon\n{session[0]}\n```", text)
    parts = CODE.split(fenced)
    parts[::2] = [re.sub(r"([*_<\[])", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)
