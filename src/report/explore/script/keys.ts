/** The window on the timeline, the keys, and the help that lists them. */
export const KEYS = `
const brush = document.createElementNS("http://www.w3.org/2000/svg", "rect");
brush.setAttribute("class", "brush");
brush.setAttribute("visibility", "hidden");
brush.setAttribute("height", String(chart.viewBox.baseVal.height));
chart.append(brush);
const xOf = (ms) => left + (ms / data.endMs) * (right - left);

function drawWindow() {
  brush.setAttribute("visibility", app.window ? "visible" : "hidden");
  if (!app.window) return;
  brush.setAttribute("x", String(xOf(app.window[0])));
  brush.setAttribute("width", String(Math.max(1, xOf(app.window[1]) - xOf(app.window[0]))));
}
app.changed.push(drawWindow);

function msAt(event) {
  const area = chart.getBoundingClientRect();
  const x = ((event.clientX - area.left) / area.width) * width;
  return (Math.min(Math.max((x - left) / (right - left), 0), 1)) * data.endMs;
}

let drag = null;
chart.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || event.pointerType === "touch") return;
  drag = { ms: msAt(event), x: event.clientX };
});
addEventListener("pointermove", (event) => {
  if (!drag || Math.abs(event.clientX - drag.x) < 5) return;
  box.classList.add("brushing");
  app.window = [drag.ms, msAt(event)].sort((a, b) => a - b);
  drawWindow();
});
addEventListener("pointerup", (event) => {
  if (drag && Math.abs(event.clientX - drag.x) < 5) goTo(drag.ms);
  else if (drag) setWindow(drag.ms, msAt(event));
  drag = null;
  box.classList.remove("brushing");
});

const momentsOf = {
  n: data.violations.slice(0, 100).map((each) => each[1]),
  f: data.faults.map((each) => each[1]),
  e: data.leaders.map((each) => each[2]),
};
const allMoments = [...momentsOf.n, ...momentsOf.f, ...momentsOf.e, ...data.faults.map((each) => each[2])];

/** To the next moment of a list, or the one before. */
function step(moments, isBack) {
  const sorted = [...new Set(moments)].sort((a, b) => a - b);
  const to = isBack ? sorted.findLast((ms) => ms < atMs - 0.5) : sorted.find((ms) => ms > atMs + 0.5);
  if (to !== undefined) goTo(to);
  return to;
}

function stepViolation(isBack) {
  const shown = data.violations.slice(0, 100);
  const at = shown.findIndex((each) => each[0] === app.violation);
  const next = shown[Math.min(Math.max(at < 0 ? 0 : at + (isBack ? -1 : 1), 0), shown.length - 1)];
  if (!next) return;
  openViolation(next[0]);
  goTo(next[1]);
}

const KEYS = [
  ["?", "this help"],
  ["/", "search the operations"],
  ["← →", "to the event before, the next one"],
  ["Shift ← →", "one second back, on"],
  ["n p", "next violation, the one before"],
  ["f F", "next fault, the one before"],
  ["e E", "next election, the one before"],
  ["[ ]", "the window of time begins, ends at the cursor"],
  ["0", "no window: the whole run"],
  ["1 … 9", "to a section of the page"],
  ["t", "light or dark"],
  ["c", "copy a link to this moment"],
  ["Esc", "close, or clear the window"],
];

const help = element("dialog", { "aria-labelledby": "help-title" });
help.append(element("h2", { id: "help-title" }, "Keys"));
const list = element("dl");
for (const [keys, text] of KEYS) {
  const term = element("dt");
  term.append(element("kbd", {}, keys));
  list.append(term, element("dd", {}, text));
}
const choice = element("label", { class: "bar-row" });
const isOn = element("input", { type: "checkbox" });
isOn.checked = stored("raftwreck-keys") !== "off";
isOn.addEventListener("change", () => store("raftwreck-keys", isOn.checked ? "on" : "off"));
choice.append(isOn, "Single keys work");
const close = element("button", { type: "button" }, "Close");
close.addEventListener("click", () => help.close());
help.append(list, element("p", { class: "small" }, "Dragging over the timeline sets the window; operations and logs show what is in it."), choice, close);
document.body.append(help);

/** A file has no storage in some browsers. */
function stored(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}
function store(name, value) {
  try { localStorage.setItem(name, value); } catch {}
}

function switchTheme() {
  const root = document.documentElement;
  const now = root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
  store("raftwreck-theme", root.dataset.theme);
}
const theme = stored("raftwreck-theme");
if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;

function say(text) {
  readout.textContent = text;
}

function copyLink() {
  writeHash();
  navigator.clipboard.writeText(location.href).then(() => say("Copied: " + location.href), () => say(location.href));
}

const tools = element("li", { class: "tools" });
const themeButton = element("button", { type: "button", "aria-label": "Light or dark" }, "◐");
themeButton.addEventListener("click", switchTheme);
const helpButton = element("button", { type: "button", "aria-label": "Keys" }, "?");
helpButton.addEventListener("click", () => help.showModal());
tools.append(themeButton, helpButton);
document.querySelector("nav ul").append(tools);

const sections = [...document.querySelectorAll("nav a")];
const ACTS = {
  "?": () => help.showModal(),
  "/": () => { const input = document.getElementById("operations-table-filter"); if (input) input.focus(); },
  n: () => stepViolation(false),
  p: () => stepViolation(true),
  f: () => step(momentsOf.f, false),
  F: () => step(momentsOf.f, true),
  e: () => step(momentsOf.e, false),
  E: () => step(momentsOf.e, true),
  "[": () => setWindow(atMs, app.window && app.window[1] > atMs ? app.window[1] : data.endMs),
  "]": () => setWindow(app.window && app.window[0] < atMs ? app.window[0] : 0, atMs),
  0: clearWindow,
  t: switchTheme,
  c: copyLink,
  Escape: clearWindow,
};

addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented || help.open) return;
  const { target, key } = event;
  const isTyping = target.closest && target.closest("input, textarea, select, [contenteditable], [data-own-keys]");
  if (isTyping) {
    if (key === "Escape") target.blur();
    return;
  }
  if (key === "ArrowLeft" || key === "ArrowRight") {
    // Elsewhere they scroll what has the focus.
    if (target !== document.body && target !== box) return;
    event.preventDefault();
    if (event.shiftKey) goTo(atMs + (key === "ArrowLeft" ? -1000 : 1000));
    else if (step(allMoments, key === "ArrowLeft") === undefined) goTo(key === "ArrowLeft" ? 0 : data.endMs);
    return;
  }
  if (!isOn.checked) return;
  const section = sections[Number(key) - 1];
  const act = ACTS[key];
  if (act) act();
  else if (key >= "1" && key <= "9" && section) section.click();
  else return;
  event.preventDefault();
});

/** To what the address names; to the timeline where that is only a time. */
function follow() {
  if (readHash() && !app.violation && !app.selected)
    document.getElementById("timeline").scrollIntoView({ block: "start" });
}
addEventListener("hashchange", follow);
follow();
setTimeout(makeTables, 0);
`;
