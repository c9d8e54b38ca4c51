"""`edgeweb routes`: the table of an application's URL rules."""

from __future__ import annotations

import typing as t

import click

from ..globals import current_app
from .app_group import with_appcontext

if t.TYPE_CHECKING:
    from ..routing import Map

_IMPLIED_METHODS = {"HEAD", "OPTIONS"}


def _table(url_map: Map, implied: bool) -> tuple[list[str], list[list[str]]]:
    """Return the headings, and a row per rule in matching order. Hosts have a column if a rule has one."""
    domain = "host" if url_map.host_matching else "subdomain"
    rules = list(url_map.iter_rules())
    hidden = set() if implied else _IMPLIED_METHODS
    columns: dict[str, list[str]] = {
        "Endpoint": [rule.endpoint for rule in rules],
        "Methods": [", ".join(sorted(set(rule.methods or ()) - hidden)) for rule in rules],
    }
    domains = [getattr(rule, domain) or "" for rule in rules]
    if any(domains):
        columns[domain.capitalize()] = domains
    columns["Rule"] = [rule.rule for rule in rules]
    return list(columns), [list(row) for row in zip(*columns.values(), strict=True)]


_ORDERS = ("endpoint", "methods", "domain", "rule", "match")


@click.command("routes", short_help="List the URL rules.")
@click.option(
    "--sort",
    "-s",
    default=_ORDERS[0],
    show_default=True,
    type=click.Choice(_ORDERS),
    help="Column to sort by. 'match' keeps the order in which the rules are tried.",
)
@click.option("--all-methods", is_flag=True, help="Also list HEAD and OPTIONS, which most rules have.")
@with_appcontext
def routes_command(sort: str, all_methods: bool) -> None:
    """List the URL rules of the application, with their endpoints and methods."""
    headings, rows = _table(current_app.url_map, all_methods)
    if not rows:
        click.echo("No routes were registered.")
        return

    names = [heading.lower() for heading in headings]
    if sort == "domain":
        sort = next((name for name in names if name in ("host", "subdomain")), sort)
    # No such column: the rows stay in matching order.
    if sort in names:
        column = names.index(sort)
        rows.sort(key=lambda row: row[column])

    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for row in (headings, ["-" * width for width in widths], *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
