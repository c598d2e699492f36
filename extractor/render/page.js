"use strict";
(function () {
  const byKey = new Map();
  const add = (key, side, node) => {
    if (!byKey.has(key)) byKey.set(key, { source: [], report: [], pages: [] });
    byKey.get(key)[side].push(node);
  };
  document.querySelectorAll("mark[data-k]").forEach((node) => {
    node.dataset.k.split(" ").forEach((key) => add(key, "source", node));
  });
  document.querySelectorAll(".pages rect[data-k]").forEach((node) => {
    node.dataset.k.split(" ").forEach((key) => add(key, "pages", node));
  });
  document.querySelectorAll(".report .v[data-k]").forEach((node) => add(node.dataset.k, "report", node));
  let lit = [];
  const light = (key, sides) => {
    lit.forEach((node) => node.classList.remove("on"));
    const both = byKey.get(key);
    if (!both) return;
    lit = both.source.concat(both.report, both.pages);
    lit.forEach((node) => node.classList.add("on"));
    sides.forEach((side) => {
      const target = both[side][0];
      if (target) target.scrollIntoView({ block: "center", behavior: "instant" });
    });
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("figure.wide .zoom").forEach((node) => node.click());
  });
  let turn = 0;
  document.addEventListener("click", (event) => {
    const zoom = event.target.closest(".zoom");
    if (zoom) {
      const figure = zoom.closest("figure");
      zoom.textContent = figure.classList.toggle("wide") ? "缩小" : "放大";
      const lit = figure.querySelector("rect.on");
      if (lit) lit.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
      return;
    }
    const mark = event.target.closest("mark[data-k], rect[data-k]");
    if (mark) {
      const keys = mark.dataset.k.split(" ").reverse();
      const again = mark.classList.contains("on") && keys.length > 1;
      turn = again ? (turn + 1) % keys.length : 0;
      return light(keys[turn], mark.matches("rect") ? ["source", "report"] : ["pages", "report"]);
    }
    const value = event.target.closest(".v[data-k]");
    if (!value) return;
    light(value.dataset.k, value.closest(".report") ? ["pages", "source"] : ["pages", "source", "report"]);
  });
})();
