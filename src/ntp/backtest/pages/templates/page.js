"use strict";
(() => {
  const root = document.documentElement;
  const readings = JSON.parse(document.getElementById("readings").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

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
  });
  dark.addEventListener("change", label);

  const grouped = (value, digits) => Math.abs(value).toLocaleString("en", { maximumFractionDigits: digits });
  const written = {
    money: (value) => `${value < 0 ? "-" : ""}$${grouped(value, 2)}`,
    price: (value) => `$${value.toFixed(4)}`,
    percent: (value) => `${(value * 100).toFixed(2)} %`,
    seconds: (value) => `${grouped(value, 3)} s`,
    number: (value) => `${value < 0 ? "-" : ""}${grouped(value, 4)}`,
    time: (value) => new Date(value).toISOString().replace("T", " ").slice(0, 19),
  };

  // The value of a line holds until its next point, so it is that of the last point not after the place.
  const valueAt = (line, place) => {
    let low = 0, high = line.x.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (line.x[middle] <= place) low = middle + 1; else high = middle;
    }
    return low ? line.y[low - 1] : null;
  };

  // Where stretches are drawn short, a place is found between the two stops around it.
  const placeAt = (stops, share, length) => {
    if (!stops) return share * length;
    const [values, places] = stops;
    const after = Math.max(1, places.findIndex((place) => place >= share));
    const part = (share - places[after - 1]) / (places[after] - places[after - 1]);
    return values[after - 1] + part * (values[after] - values[after - 1]);
  };

  document.querySelectorAll("figure").forEach((figure, number) => {
    const plot = figure.querySelector(".plot"), area = plot.querySelector(".area");
    const { x: [scale, unit, left, right], y, stops, lines, marks } = readings[number];
    const hidden = (series) => figure.querySelector(`.area [data-series="${series}"]`).style.display === "none";
    const hair = document.createElement("div"), tip = document.createElement("div");
    hair.className = "hair"; tip.className = "tip";
    hair.hidden = tip.hidden = true;
    plot.append(hair, tip);

    const nearestMark = (event) => {
      let best = null, reach = 14;
      area.querySelectorAll(":scope > g[data-series]").forEach((group, place) => {
        if (group.style.display === "none") return;
        [...group.children].forEach((mark, index) => {
          const box = mark.getBoundingClientRect();
          const away = Math.hypot(box.x + box.width / 2 - event.clientX, box.y + box.height / 2 - event.clientY);
          if (away < reach) { reach = away; best = marks[place][index]; }
        });
      });
      return best;
    };

    plot.addEventListener("pointermove", (event) => {
      const inside = area.getBoundingClientRect(), outside = plot.getBoundingClientRect();
      const share = (event.clientX - inside.left) / inside.width;
      const told = [];
      if (share >= 0 && share <= 1) {
        if (lines.length && scale !== "log") {
          const place = placeAt(stops, share, right - left);
          told.push(written[unit](left + place));
          lines.forEach((line, series) => {
            const value = hidden(series) ? null : valueAt(line, place);
            if (value !== null) told.push(`${line.name} ${written[y](value)}`);
          });
        }
        const mark = nearestMark(event);
        if (mark) told.push(mark);
      }
      hair.hidden = !(told.length && lines.length);
      tip.hidden = !told.length;
      tip.textContent = told.join("\n");
      hair.style.left = `${event.clientX - outside.left}px`;
      hair.style.height = `${inside.height}px`;
      hair.style.top = `${inside.top - outside.top}px`;
      const room = outside.width - tip.offsetWidth;
      tip.style.left = `${Math.max(0, Math.min(room, event.clientX - outside.left + 14))}px`;
      tip.style.top = `${Math.max(0, event.clientY - outside.top - tip.offsetHeight - 14)}px`;
    });
    plot.addEventListener("pointerleave", () => { hair.hidden = tip.hidden = true; });

    figure.querySelectorAll(".legend button").forEach((item) => {
      item.addEventListener("click", () => {
        const shown = item.getAttribute("aria-pressed") !== "true";
        item.setAttribute("aria-pressed", String(shown));
        figure.querySelector(`.area [data-series="${item.dataset.series}"]`).style.display = shown ? "" : "none";
      });
    });
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
})();
