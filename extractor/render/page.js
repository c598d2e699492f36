"use strict";
(function () {
  const byKey = new Map();
  const add = (key, side, node) => {
    if (!byKey.has(key)) byKey.set(key, { source: [], report: [] });
    byKey.get(key)[side].push(node);
  };
  document.querySelectorAll("mark[data-k]").forEach((node) => {
    node.dataset.k.split(" ").forEach((key) => add(key, "source", node));
  });
  document.querySelectorAll(".v[data-k]").forEach((node) => add(node.dataset.k, "report", node));
  let lit = [];
  const light = (key, side) => {
    lit.forEach((node) => node.classList.remove("on"));
    const both = byKey.get(key);
    if (!both) return;
    lit = both.source.concat(both.report);
    lit.forEach((node) => node.classList.add("on"));
    const target = both[side][0];
    if (target) target.scrollIntoView({ block: "center", behavior: "instant" });
  };
  let turn = 0;
  document.addEventListener("click", (event) => {
    const mark = event.target.closest("mark[data-k]");
    if (mark) {
      const keys = mark.dataset.k.split(" ").reverse();
      const again = mark.classList.contains("on") && keys.length > 1;
      turn = again ? (turn + 1) % keys.length : 0;
      return light(keys[turn], "report");
    }
    const value = event.target.closest(".v[data-k]");
    if (value) light(value.dataset.k, "source");
  });
})();
