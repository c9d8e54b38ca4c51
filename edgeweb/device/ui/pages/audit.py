"""The audit log: who has changed what, from where, and how it went."""

from __future__ import annotations

from edgeweb import Response, current_app, request, url_for

from ...http.body import query_number
from ...http.current import current_device
from ..blueprint import pages
from ..i18n import Words, chosen
from ..layout import page

#: The endpoint of the log as a file. A program that mounts the pages alone has none.
_FILE = "api.audit"

#: Rows on one page, and rows that a filter reads before the person has to go on by hand.
ROWS = 50
MAX_READ = 2000


@pages.nav_page("audit", 90, "admin")
def show() -> Response:
    """Show the newest changes first. `?text=` keeps rows that hold it, `?before=` goes on from a row."""
    sought = request.args.get("text", "")[:100]
    before = query_number("before")
    rows, older = find(sought, before)
    file = url_for(_FILE, format="jsonl") if _FILE in current_app.view_functions else ""
    return page("audit", rows=rows, older=older, text=sought, before=before, file=file)


def find(sought: str, before: int | None) -> tuple[list[dict[str, object]], int | None]:
    """Return rows that hold a text anywhere, and the number to go on from; None at the end of the log.

    The text is found in the words that the page shows, and in the codes of the log.
    """
    from ..audit_words import AuditWords

    device, word = current_device(), sought.casefold()
    told = AuditWords(device, Words(chosen()))
    found: list[dict[str, object]] = []
    read, last = 0, None
    while read < MAX_READ:
        rows = device.audit.rows(before, 500 if word else ROWS + 1)
        for row in rows:
            before = row["id"]
            read += 1
            shown = told.shown(row)
            if not word or word in " ".join(map(str, [*list(row.values())[2:], *shown.values()])).casefold():
                if len(found) == ROWS:
                    return found, last
                found.append({**row, **shown, "at": device.clock.date(row["at"])})
                last = row["id"]
        if len(rows) < (500 if word else ROWS + 1):
            return found, None
    return found, before
