"""What of a page nobody can read: what lies beyond its right edge, and text that a box hides."""

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as TimeOutError

# In milliseconds: how long scripts may need to lay a page out that another size was given to.
SETTLING = 10_000
# Text is cut where a box that does not scroll ends before it. Not meant are texts for readers of
# screens alone (boxes of a pixel), icons, and texts that a title repeats in full.
CUT_OFF = """() => {
  const hides = (overflow) => overflow === "hidden" || overflow === "clip";
  const scrolls = (overflow) => overflow === "auto" || overflow === "scroll";
  const unread = "script, style, noscript, template, option, .material-symbols-outlined";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const found = new Set();
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.add(`${scrollWidth - clientWidth} pixels are cut off`);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const parent = text.parentElement;
    if (!text.data.trim() || parent.closest(unread)) continue;
    if (!parent.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    range.selectNodeContents(text);
    const lines = [...range.getClientRects()].filter((line) => line.width && line.height);
    let [isWide, isHigh, isRead] = [false, false, true];
    let [atX, atY] = [true, true];
    for (let box = parent; box && box !== document.body; ) {
      const style = getComputedStyle(box);
      const edge = box.getBoundingClientRect();
      if (style.display !== "inline" && style.display !== "contents") {
        isRead &&= edge.width > 1 && edge.height > 1 && style.clip === "auto";
        atX &&= !scrolls(style.overflowX);
        atY &&= !scrolls(style.overflowY);
        // The theme's boxes scroll once their script has run.
        if (box.matches(".simplebar-wrapper")) [atX, atY] = [false, false];
        if (box.closest("#nav-sidebar")) atY = false;
        if (style.textOverflow === "ellipsis" && box.closest("[title]")) atX = false;
        if (atX && hides(style.overflowX)) {
          isWide ||= lines.some((line) => line.right > edge.right + 1 || line.left < edge.left - 1);
        }
        if (atY && hides(style.overflowY)) {
          isHigh ||= lines.some((line) => (line.top + line.bottom) / 2 > edge.bottom);
        }
      }
      if (style.position === "fixed") break;
      box = style.position === "absolute" ? box.offsetParent : box.parentElement;
    }
    if (isRead && (isWide || isHigh)) {
      found.add(`“${text.data.trim().replace(/\\s+/g, " ")}” is cut`);
    }
  }
  return [...found].sort();
}"""


def cut_off(page: Page) -> list[str]:
    """Return a sentence for each part of the page that nobody can read at its present size."""
    try:
        page.wait_for_function(f"() => ({CUT_OFF})().length === 0", timeout=SETTLING)
    except TimeOutError:
        found: list[str] = page.evaluate(CUT_OFF)
        return found
    return []
