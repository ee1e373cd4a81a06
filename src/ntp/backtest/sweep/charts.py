"""Charts of a sweep as Plotly figures, for notebooks and scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ntp.backtest.metrics import BY_ID
from ntp.backtest.sweep.table import Cells, numbers_of, pivot

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from ntp.backtest.sweep.sweep import Sweep


def heatmap_figure(sweep: Sweep, x: str, y: str, metric: str) -> Figure:
    """Draw a metric over two parameters."""
    from plotly.graph_objects import Figure

    cells: Cells = pivot(sweep, x, y, metric)
    trace = {
        "type": "heatmap", "x": [str(value) for value in cells.across], "y": [str(value) for value in cells.down],
        "z": cells.values, "colorscale": "Viridis", "colorbar": {"title": {"text": cells.title}},
        "hovertemplate": f"{x} %{{x}}<br>{y} %{{y}}<br>{cells.title} %{{z}}<extra></extra>",
    }  # fmt: skip
    return Figure([trace], {
        "title": {"text": f"{sweep.about['strategy']['name']}: {cells.title}{cells.note}"},
        "xaxis": {"title": {"text": x}, "type": "category"}, "yaxis": {"title": {"text": y}, "type": "category"},
    })  # fmt: skip


def parallel_figure(sweep: Sweep, metric: str) -> Figure:
    """Draw every point as a line over its parameters and a metric."""
    from plotly.graph_objects import Figure

    name = metric.removeprefix("-")
    known = [point for point in sweep.ranked(metric) if point.metrics.number(name) is not None]
    values = [point.metrics.number(name) for point in known]
    dimensions: list[dict[str, Any]] = []
    for axis in sweep.axes:
        places, labels = numbers_of([point.parameters[axis.name] for point in known])
        ticks = {} if labels is None else {"tickvals": list(range(len(labels))), "ticktext": labels}
        dimensions.append({"label": axis.name, "values": places, **ticks})
    dimensions.append({"label": BY_ID[name].title, "values": values})
    line = {"color": values, "colorscale": "Viridis", "showscale": True}
    title = {"text": f"{sweep.about['strategy']['name']}: {len(known)} points"}
    return Figure([{"type": "parcoords", "line": line, "dimensions": dimensions}], {"title": title})
