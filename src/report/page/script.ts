/**
 * The page's script: copy buttons, everything unfolded for printing, and a cursor over the timeline. The
 * page says everything without it. It writes text only (`textContent`), never markup.
 */
export const SCRIPT = `
"use strict";
for (const box of document.querySelectorAll(".command")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", () => {
    const done = (text) => {
      button.textContent = text;
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    };
    const text = box.querySelector("code").textContent;
    navigator.clipboard.writeText(text).then(() => done("Copied"), () => done("Select and copy"));
  });
  box.append(button);
}

addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details.card")) details.open = true;
});

const chart = document.getElementById("timeline-chart");
const box = chart.parentElement;
const line = document.getElementById("cursor");
const readout = document.getElementById("cursor-text");
const data = JSON.parse(document.getElementById("cursor-data").textContent);
const left = Number(chart.dataset.left);
const right = Number(chart.dataset.right);
const width = Number(chart.dataset.width);
const seconds = (ms) => (ms / 1000).toFixed(2) + " s";
const hint = "Point at the timeline, or focus it and press the arrow keys, to read a moment; drag over it to narrow operations and logs. ? lists the keys.";
let atMs = 0;
const cluster = document.getElementById("cluster-at");
const cards = data.nodes.map(() => cluster.appendChild(document.createElement("li")));
const signs = { leader: "★ leader", candidate: "◇ candidate", follower: "follower", down: "✕ down" };

function showNode(card, [name, conditions, paused, terms, commits]) {
  const now = conditions.findLast((condition) => condition[0] <= atMs);
  const role = now ? now[1] : "unseen";
  const bin = Math.floor(atMs / data.binMs);
  const number = (word, values) => (values[bin] == null ? "" : word + " " + values[bin]);
  const isPaused = paused.some((pause) => pause[0] <= atMs && atMs < pause[1]);
  const kinds = data.faults.filter((fault) => fault[4].includes(name) && fault[1] <= atMs && atMs < fault[2]).map((fault) => fault[3]);
  card.dataset.role = role;
  const facts = [signs[role] || role, isPaused ? "‖ paused" : "", number("term", terms), number("commit", commits), [...new Set(kinds)].join(", ")];
  card.replaceChildren(document.createElement("strong"), " " + facts.filter(Boolean).join(" · "));
  card.firstChild.textContent = name;
}

function show(ms) {
  atMs = Math.min(Math.max(ms, 0), data.endMs);
  const x = left + (atMs / data.endMs) * (right - left);
  line.setAttribute("transform", "translate(" + (x + 9) + " 0)");
  const leads = data.leaders.filter((lead) => lead[2] <= atMs && atMs < lead[3]);
  const terms = leads.map((lead) => lead[1]);
  const conflict = terms.length !== new Set(terms).size ? " — CONFLICT: two leaders in one term" : "";
  const leaders = leads.map((lead) => lead[0] + " leads term " + lead[1]).join(", ") || "no leader";
  const faults = data.faults.filter((fault) => fault[1] <= atMs && atMs < fault[2]).map((fault) => fault[0]);
  const bin = data.bins[Math.floor(atMs / data.binMs)];
  const rate = (count) => Math.round((count * 1000) / data.binMs);
  const ops = bin ? rate(bin[0]) + " ok/s, " + rate(bin[1]) + " fail/s, " + rate(bin[2]) + " info/s" : "no operations";
  const latency = bin && bin[3] !== null ? ", p99 " + bin[3] + " ms" : "";
  data.nodes.forEach((node, i) => showNode(cards[i], node));
  cluster.hidden = cards.length === 0;
  readout.textContent = [seconds(atMs), leaders + conflict, faults.join("; ") || "no fault", ops + latency].join(" · ");
}

readout.textContent = hint;
box.addEventListener("pointermove", (event) => {
  const area = chart.getBoundingClientRect();
  const x = ((event.clientX - area.left) / area.width) * width;
  if (x >= left && x <= right) show(((x - left) / (right - left)) * data.endMs);
});
`;
