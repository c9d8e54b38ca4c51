"""Whatever can be tapped has 24 px and more (WCAG 2.2, 2.5.8), and a wide window its page in the middle."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.device.process import DeviceServer

from .test_pages import PAGES, show, unfold
from .window import Window

#: What is too small. A check box has the size of its label, and a link within a sentence that of its line.
SMALL = """
(() => {
  const inSentence = (one) => one.localName === "a" && getComputedStyle(one).display === "inline"
    && [...one.parentElement.childNodes].some((node) => node.nodeType === 3 && node.data.trim().length > 3);
  return [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")]
    .filter((one) => one.checkVisibility() && !one.closest(".skip, .unseen") && !inSentence(one))
    .map((one) => [one, (one.closest("label") ?? one).getBoundingClientRect()])
    .filter(([, place]) => place.width < 24 || place.height < 24)
    .map(([one, place]) => `${place.width} x ${place.height}: ${one.outerHTML.slice(0, 120)}`);
})()
"""

#: How much of the width beside the menu the page leaves empty, at the left and at the right.
MARGINS = """
(() => {
  const place = document.querySelector("main").getBoundingClientRect();
  const menu = document.querySelector("#menu").getBoundingClientRect();
  return [place.left - menu.right, innerWidth - place.right];
})()
"""


@pytest.mark.parametrize("name", PAGES)
def test_everything_that_can_be_tapped_has_24_pixels(
    visitor: Window, furnished: DeviceServer, name: str
) -> None:
    found = {}
    for width in (360, 1280):
        visitor.look(width=width)
        show(visitor, furnished, name)
        unfold(visitor)
        found[width] = visitor.run(SMALL)
    assert found == {360: [], 1280: []}


def test_a_wide_window_has_the_page_in_its_middle(
    visitor: Window, furnished: DeviceServer, screenshots: Path
) -> None:
    for width, scheme in ((360, "dark"), (768, "light"), (1440, "light"), (1440, "dark"), (2560, "light")):
        visitor.look(width, 900, scheme)
        show(visitor, furnished, "overview")
        if width > 1000:
            left, right = visitor.run(MARGINS)
            assert abs(left - right) <= 1
        visitor.picture(screenshots / f"home-{width}-{scheme}.png")
