// Draws the charts of a page with ECharts, in the colours of tokens.css. The data stands in a <script type="application/json">
// beside each chart, and once more as a table below it, which is what one reads without script. Every mark with an address
// opens it. docs/frontend.md describes the data.
(() => {
  "use strict";
  const echarts = window.echarts;
  if (!echarts) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  // A custom property may hold light-dark(): only a used colour is resolved, so it is asked of an element.
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  const color = (token) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const lookColor = (look) => color(`look-${look}-solid`);
  // Several ends share a look (sold, restocked, donated are all done): each later one is a step lighter, so that they stay apart.
  const shades = (series) => {
    const used = {};
    return series.map((one) => {
      if (!one.look) return null;
      used[one.look] = (used[one.look] ?? 0) + 1;
      const share = Math.max(34, 100 - 22 * (used[one.look] - 1));
      probe.style.color = `color-mix(in srgb, var(--look-${one.look}-solid) ${share}%, var(--surface))`;
      const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
      // A mixed colour comes as color(srgb 0.2 0.4 0.6), a plain one as rgb(51, 102, 153).
      return getComputedStyle(probe).color.startsWith("color(") ? `rgb(${[r, g, b].map((part) => Math.round(part * 255)).join(",")})` : `rgb(${r},${g},${b})`;
    });
  };
  const palette = () => ["accent", "look-work-solid", "look-data-solid", "look-done-solid", "look-held-solid", "look-here-solid"].map(color);
  const ramp = () => [1, 2, 3, 4, 5].map((step) => color(`ramp-${step}`));
  const write = new Intl.NumberFormat(document.documentElement.lang || "en", { maximumFractionDigits: 2 });
  const figure = (value, unit) => (value == null ? "—" : `${write.format(value)}${unit ? `\u00a0${unit}` : ""}`);

  // Tips are built from elements: a string of HTML would carry style attributes, which our policy refuses.
  const tip = (title, rows) => {
    const box = document.createElement("div");
    box.className = "chart-tip";
    const head = document.createElement("b");
    head.textContent = title;
    box.append(head);
    for (const [name, value] of rows) {
      const row = document.createElement("span");
      const left = document.createElement("i");
      const right = document.createElement("strong");
      left.textContent = name;
      right.textContent = value;
      row.append(left, right);
      box.append(row);
    }
    return box;
  };

  const fit = { outerBoundsMode: "same", outerBoundsContain: "axisLabel" };
  const shared = () => ({
    animation: !still.matches,
    animationDuration: 250,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13, color: color("ink") },
    tooltip: {
      backgroundColor: color("raised"),
      borderColor: color("line"),
      textStyle: { color: color("ink"), fontSize: 13 },
      confine: true,
      transitionDuration: 0,
      extraCssText: "box-shadow: none;",
    },
  });
  const valueAxis = (data, extra) => ({
    type: "value",
    min: data.from ?? (value => Math.min(0, value.min)),
    axisLabel: { color: color("muted"), formatter: (value) => write.format(value), hideOverlap: true },
    splitLine: { lineStyle: { color: color("line") } },
    axisLine: { show: false },
    axisTick: { show: false },
    splitNumber: 4,
    ...extra,
  });
  const nameAxis = (data, extra) => ({
    type: "category",
    data: data.categories,
    axisLabel: { color: color("muted"), hideOverlap: true },
    axisLine: { lineStyle: { color: color("line-strong") } },
    axisTick: { show: false },
    ...extra,
  });

  const bars = (data, lying) => {
    const several = data.series.length > 1;
    const colors = palette();
    const looks = shades(data.series);
    return {
      ...shared(),
      legend: { show: several, type: "scroll", pageIconSize: 11, pageIconColor: color("ink"), pageIconInactiveColor: color("line-strong"), pageTextStyle: { color: color("muted") }, top: 0, left: 0, itemWidth: 12, itemHeight: 12, itemGap: 16, icon: "roundRect", textStyle: { color: color("ink"), fontSize: 13 } },
      grid: { left: 4, right: lying ? 56 : 12, top: several ? 40 : 16, bottom: 4, ...fit },
      tooltip: {
        ...shared().tooltip,
        trigger: "axis",
        axisPointer: { type: "shadow", shadowStyle: { color: color("accent"), opacity: 0.08 } },
        formatter: (marks) => tip(marks[0].name, marks.map((mark) => [mark.seriesName, figure(mark.value, data.unit)])),
      },
      [lying ? "xAxis" : "yAxis"]: valueAxis(data),
      [lying ? "yAxis" : "xAxis"]: nameAxis(data, lying ? { inverse: true, axisLine: { show: false }, axisLabel: { color: color("ink"), width: 190, overflow: "truncate" } } : {}),
      series: data.series.map((one, i) => ({
        name: one.name,
        type: "bar",
        stack: data.stacked ? "all" : undefined,
        data: one.values.map((value, j) => ({ value, url: one.urls?.[j], itemStyle: one.looks ? { color: lookColor(one.looks[j]) } : undefined })),
        itemStyle: { color: looks[i] ?? colors[i % colors.length], borderRadius: data.stacked ? 0 : lying ? [0, 3, 3, 0] : [3, 3, 0, 0] },
        barMaxWidth: lying ? 22 : 36,
        label: { show: lying && !data.stacked && !several, position: "right", color: color("ink"), formatter: (mark) => figure(mark.value) },
        emphasis: { disabled: true },
      })),
    };
  };

  const lines = (data) => {
    const colors = palette();
    const longest = Math.max(...data.series.map((one) => one.name.length));
    return {
      ...shared(),
      grid: { left: 4, right: Math.min(170, 24 + longest * 7.2), top: 16, bottom: 4, ...fit },
      tooltip: {
        ...shared().tooltip,
        trigger: "axis",
        axisPointer: { lineStyle: { color: color("line-strong") } },
        formatter: (marks) => tip(marks[0].name, marks.map((mark) => [mark.seriesName, figure(mark.value, data.unit)])),
      },
      xAxis: nameAxis(data, { boundaryGap: false }),
      yAxis: valueAxis(data),
      series: data.series.map((one, i) => {
        const ink = one.look ? lookColor(one.look) : colors[i % colors.length];
        return {
          name: one.name,
          type: "line",
          data: one.values.map((value, j) => ({ value, url: one.urls?.[j] })),
          lineStyle: { width: 2.5, color: ink, type: one.dashed ? "dashed" : "solid" },
          itemStyle: { color: ink },
          symbol: "circle",
          symbolSize: 6,
          showSymbol: one.values.length <= 20,
          endLabel: { show: true, formatter: one.name, color: ink, fontSize: 13, fontWeight: 600, distance: 8 },
          labelLayout: { moveOverlap: "shiftY" },
          emphasis: { disabled: true },
          markLine:
            i === 0 && data.target != null
              ? { silent: true, symbol: "none", data: [{ yAxis: data.target }], lineStyle: { color: color("muted"), type: "dashed" }, label: { formatter: data.target_label ?? figure(data.target, data.unit), position: "insideStartTop", color: color("muted") } }
              : undefined,
        };
      }),
    };
  };

  const flow = (data) => ({
    ...shared(),
    tooltip: {
      ...shared().tooltip,
      formatter: (mark) =>
        mark.dataType === "edge" ? tip(`${mark.data.from} → ${mark.data.to}`, [["", figure(mark.value, data.unit)]]) : tip(mark.data.label_text, [["", figure(mark.value, data.unit)]]),
    },
    series: [
      {
        type: "sankey",
        orient: "horizontal",
        left: 4,
        right: 170,
        top: 12,
        bottom: 12,
        nodeWidth: 12,
        nodeGap: 16,
        draggable: false,
        emphasis: { focus: "adjacency" },
        lineStyle: { color: "source", opacity: 0.28, curveness: 0.5 },
        label: {
          color: color("ink"),
          fontSize: 13,
          position: "right",
          formatter: (mark) => `${mark.data.label_text} ${figure(mark.value)}`,
        },
        data: data.nodes.map((node) => ({ name: node.id, label_text: node.name, depth: node.depth, url: node.url, itemStyle: { color: node.look ? lookColor(node.look) : color("accent"), borderWidth: 0 } })),
        links: data.links.map((link) => ({ ...link, from: data.nodes.find((node) => node.id === link.source)?.name, to: data.nodes.find((node) => node.id === link.target)?.name })),
      },
    ],
  });

  // Ink that can be read on a cell: the ramp runs light to dark by day and dark to light by night.
  const onCell = (step) => {
    const night = document.documentElement.dataset.bsTheme === "dark";
    return step >= 3 ? (night ? "#04222a" : "#ffffff") : color("ink");
  };
  const heat = (data) => {
    const most = Math.max(...data.cells.map((cell) => cell.value ?? 0), 1);
    const colors = ramp();
    const stepOf = (value) => Math.min(4, Math.floor((value / most) * 5));
    return {
      ...shared(),
      grid: { left: 4, right: 8, top: 30, bottom: 4, ...fit },
      tooltip: { ...shared().tooltip, formatter: (mark) => tip(`${data.y[mark.value[1]]} · ${data.x[mark.value[0]]}`, [["", figure(mark.value[2], data.unit)]]) },
      xAxis: { type: "category", data: data.x, position: "top", axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: color("muted"), interval: 0, hideOverlap: false } },
      yAxis: { type: "category", data: data.y, inverse: true, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: color("ink"), interval: 0 } },
      series: [
        {
          type: "heatmap",
          data: data.cells.map((cell) => ({
            value: [cell.x, cell.y, cell.value],
            url: cell.url,
            itemStyle: { color: cell.value == null ? "transparent" : colors[stepOf(cell.value)], borderColor: color("surface"), borderWidth: 2, borderRadius: 4 },
            label: { show: cell.value != null, color: onCell(stepOf(cell.value ?? 0)), formatter: figure(cell.value) },
          })),
          emphasis: { disabled: true },
        },
      ],
    };
  };

  const draw = { bars: (data) => bars(data, true), columns: (data) => bars(data, false), lines, flow, heat };

  const charts = new Map();
  const paint = (canvas) => {
    const source = document.getElementById(canvas.dataset.from);
    if (!source || !canvas.clientWidth) return;
    let chart = charts.get(canvas);
    if (!chart) {
      chart = echarts.init(canvas, null, { renderer: "canvas" });
      charts.set(canvas, chart);
      chart.on("click", (mark) => mark.data?.url && location.assign(mark.data.url));
      chart.on("mouseover", (mark) => chart.getZr().setCursorStyle(mark.data?.url ? "pointer" : "default"));
      const numbers = canvas.closest("[data-chart]")?.querySelector("details");
      if (numbers) numbers.open = false;
    }
    const data = JSON.parse(source.textContent);
    chart.setOption(draw[data.kind](data), true);
  };

  const sizes = new ResizeObserver((changes) => {
    for (const { target } of changes) {
      charts.get(target)?.resize();
      paint(target);
    }
  });
  const paintAll = (within) => {
    for (const [canvas, chart] of charts) {
      if (canvas.isConnected) continue;
      chart.dispose();
      charts.delete(canvas);
    }
    for (const canvas of within.querySelectorAll("[data-chart] .canvas")) {
      if (charts.has(canvas)) paint(canvas);
      else sizes.observe(canvas);
    }
  };

  paintAll(document);
  document.addEventListener("revlog:theme", () => paintAll(document));
  document.addEventListener("htmx:afterSettle", () => paintAll(document));
})();
