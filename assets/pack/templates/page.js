"use strict";
const settings = {displayModeBar: false, responsive: true};
for (const [id, figure] of Object.entries(JSON.parse(document.getElementById("figures").textContent))) {
  Plotly.newPlot("chart-" + id, figure.data, figure.layout, settings);
}

const payers = [...document.querySelectorAll("tr.payer")];
const entity = document.getElementById("entity");
const search = document.getElementById("search");

function items(row) {
  const next = row.nextElementSibling;
  return next && next.classList.contains("items") ? next : null;
}

function open(row, wanted) {
  const own = items(row);
  if (own) {
    own.hidden = !wanted;
    row.querySelector("button").setAttribute("aria-expanded", String(wanted));
  }
}

function filter() {
  const sought = search.value.toLowerCase();
  let count = 0;
  for (const row of payers) {
    row.hidden = (entity.value !== "" && row.dataset.entity !== entity.value) || !row.dataset.payer.toLowerCase().includes(sought);
    if (row.hidden) open(row, false);
    else count += 1;
  }
  document.getElementById("shown").textContent = count + " of " + payers.length + " payers";
}

for (const row of payers) {
  const button = row.querySelector("button");
  if (button) button.addEventListener("click", () => open(row, items(row).hidden));
}
entity.addEventListener("change", filter);
search.addEventListener("input", filter);
filter();
document.documentElement.dataset.ready = "yes";
