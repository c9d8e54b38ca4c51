"""A page of Dash: a graph, a menu, and a callback."""

from __future__ import annotations

from dash import Dash, Input, Output, dcc, html

FIGURES = {"rain": [3, 1, 2], "sun": [1, 4, 2]}

app = Dash(__name__)
server = app.server
app.layout = html.Div(
    [
        html.H1("Weather"),
        dcc.Dropdown(sorted(FIGURES), "rain", id="kind"),
        dcc.Graph(id="graph"),
        html.P(id="sum"),
    ]
)


@app.callback(Output("graph", "figure"), Output("sum", "children"), Input("kind", "value"))
def draw(kind: str) -> tuple[dict[str, object], str]:
    """Draw the figures of one kind."""
    values = FIGURES[kind]
    return {"data": [{"x": [1, 2, 3], "y": values, "type": "bar"}]}, f"{sum(values)} in all"
