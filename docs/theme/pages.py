"""What the site needs beside the pages as they stand on a code forge.

A page may link to a file of the repository, such as ../tests/test_published.py. The site shows those under
files/, so that it is whole without the repository beside it. Examples are sessions, and highlighted as such.
"""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

LINK = re.compile(r"(?<=\]\()\.\./([^)#\s]+)")
INSTEAD = {"README.md": "index.md"}


def on_files(files: Files, config: MkDocsConfig) -> None:
    root = Path(config.docs_dir).parent
    linked = {
        name
        for file in files.documentation_pages()
        if "/" not in file.src_uri
        for name in LINK.findall(file.content_string)
    }
    for name in sorted(linked - INSTEAD.keys()):
        shown = _shown(root, root / name)
        files.append(File.generated(config, _page(name), content=shown, inclusion=InclusionLevel.NOT_IN_NAV))


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    if "/" not in page.file.src_uri:
        markdown = LINK.sub(lambda link: INSTEAD.get(link[1]) or _page(link[1]), markdown)
    return re.sub(r"^```python\n(?=>>>)", "```pycon\n", markdown, flags=re.MULTILINE)


def _page(name: str) -> str:
    return f"files/{name.rstrip('/')}.md".replace(".md.md", ".md")


def _shown(root: Path, path: Path) -> str:
    if path.is_dir():
        names = sorted(each.name for each in path.iterdir() if each.suffix == ".py")
        return f"# {path.relative_to(root)}\n\n" + "".join(f"- `{name}`\n" for name in names)
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text
    return f"# {path.relative_to(root)}\n\n````{path.suffix[1:]}\n{text}````\n"
