"""`edgeweb routes`: the table of an application's URL rules."""

from __future__ import annotations

import typing as t

import click

from ..globals import current_app
from .app_group import with_appcontext

_IMPLIED_METHODS = {"HEAD", "OPTIONS"}


def _table(url_map: t.Any, implied: bool) -> tuple[list[str], list[list[str]]]:
    """The headings, and a row a rule in the order of matching. Hosts have a column where a rule has one."""
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


@click.command("routes", short_help="Show the routes for the app.")
@click.option(
    "--sort",
    "-s",
    type=click.Choice(("endpoint", "methods", "domain", "rule", "match")),
    default="endpoint",
    help=(
        "Method to sort routes by. 'match' is the order that Flask will match routes when dispatching a"
        " request."
    ),
)
@click.option("--all-methods", is_flag=True, help="Show HEAD and OPTIONS methods.")
@with_appcontext
def routes_command(sort: str, all_methods: bool) -> None:
    """Show all registered routes with endpoints and methods."""
    headings, rows = _table(current_app.url_map, all_methods)
    if not rows:
        click.echo("No routes were registered.")
        return

    names = [heading.lower() for heading in headings]
    if sort == "domain":
        sort = next((name for name in names if name in ("host", "subdomain")), sort)
    # Rows are in the order of matching already, and domains may have no column.
    if sort in names:
        column = names.index(sort)
        rows.sort(key=lambda row: row[column])

    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for row in (headings, ["-" * width for width in widths], *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
