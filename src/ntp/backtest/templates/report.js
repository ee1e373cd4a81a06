"use strict";
(() => {
  const root = document.documentElement;
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();

  // Traces name the page's colours ("--base"), so that one figure serves light, dark and paper.
  const painted = (value) => {
    if (typeof value === "string" && value.startsWith("--")) return colour(value);
    if (Array.isArray(value) || value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, painted(part)]));
  };

  const layout = (own, narrow) => {
    const axis = { gridcolor: colour("--line"), zerolinecolor: colour("--line"), linecolor: colour("--line"), automargin: true };
    return {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", autosize: true, dragmode: narrow ? false : "zoom",
      font: { color: colour("--soft"), size: narrow ? 11 : 12, family: getComputedStyle(document.body).fontFamily },
      margin: { l: 8, r: 12, t: 12, b: 8 }, hovermode: "closest",
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, font: { size: narrow ? 10 : 12 } },
      hoverlabel: { bgcolor: colour("--card"), bordercolor: colour("--line"), font: { color: colour("--ink") } },
      ...own, xaxis: { ...axis, nticks: narrow ? 4 : 8, ...own.xaxis }, yaxis: { ...axis, ...own.yaxis },
    };
  };

  const draw = () => {
    const narrow = window.innerWidth < 560;
    charts.forEach((chart, number) => {
      const place = document.getElementById(`chart-${number}`);
      const traces = chart.data.map((trace) => painted(trace));
      Plotly.react(place, traces, layout(chart.layout, narrow), {
        responsive: true, displaylogo: false, displayModeBar: false,
      });
    });
  };

  const button = document.getElementById("theme");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const label = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colours`);
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    label();
    draw();
  });
  dark.addEventListener("change", () => { label(); draw(); });

  let before;
  window.addEventListener("beforeprint", () => { before = root.dataset.theme; root.dataset.theme = "light"; draw(); });
  window.addEventListener("afterprint", () => {
    if (before) root.dataset.theme = before; else delete root.dataset.theme;
    draw();
  });

  const number = (text) => {
    const found = text.replace(/[$,\s]/g, "").replace(/%|¢|s$/g, "");
    return found !== "" && !Number.isNaN(Number(found)) ? Number(found) : null;
  };
  const order = (left, right) => {
    const [a, b] = [number(left), number(right)];
    if (a !== null && b !== null) return a - b;
    if (a === null && b === null) return left.localeCompare(right, "en", { numeric: true });
    return a === null ? -1 : 1;
  };
  document.querySelectorAll("table.sortable").forEach((table) => {
    table.querySelectorAll("thead th").forEach((head, column) => {
      const sorter = document.createElement("button");
      sorter.type = "button";
      sorter.textContent = head.textContent;
      head.replaceChildren(sorter);
      sorter.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") !== "descending";
        table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const rows = [...body.rows].sort((a, b) => order(a.cells[column].textContent, b.cells[column].textContent));
        body.append(...(down ? rows.reverse() : rows));
      });
    });
  });

  label();
  draw();
})();
