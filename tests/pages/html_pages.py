"""The pages of a built site: what can be linked to, what they link to and what a browser loads for them."""

from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Elements whose address a browser loads without a click, and the attribute with the address.
_LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data", "link": "href"}


class HtmlPage(HTMLParser):
    """A page: the ids of its elements, the addresses of its links and of what is loaded with it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes the id and the address of an element."""
        attributes = {name: value or "" for name, value in attrs}
        if "id" in attributes:
            self.ids.add(attributes["id"])
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        address = attributes.get(_LOADED.get(tag, ""), "")
        if address:
            self.loaded.append(address)


def read_site(folder: Path) -> dict[Path, HtmlPage]:
    """Returns the pages of a site by their path."""
    return {path: HtmlPage(path) for path in sorted(folder.resolve().rglob("*.html"))}


def is_external(address: str) -> bool:
    """Whether an address is outside of the site; data within the page are not."""
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme not in ("", "data")


def find_broken_links(pages: Mapping[Path, HtmlPage]) -> list[tuple[str, str]]:
    """Returns each page and link whose file or place in the file does not exist."""
    return [
        (page.path.name, link)
        for page in pages.values()
        for link in [*page.links, *page.loaded]
        # The page for an unknown address is shown under any address, so its links begin at the top of the server.
        if page.path.name != "404.html" and not is_external(link) and not _leads_somewhere(page, link, pages)
    ]


def _leads_somewhere(page: HtmlPage, link: str, pages: Mapping[Path, HtmlPage]) -> bool:
    parts = urlsplit(link)
    if parts.scheme == "data":
        return True
    path = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
    if not path.is_file():
        return False
    return not parts.fragment or path not in pages or unquote(parts.fragment) in pages[path].ids
