/**
 * What the parts of the page's script share: one moment, one window of time, one violation, one selected row, all of
 * them in the address so that a link to them can be pasted into an issue. `show` and `data` are the cursor's.
 */
export const APP = `
const app = { window: null, violation: 0, selected: "", changed: [], moved: [], picked: [] };
const secondsOf = (ms) => (ms / 1000).toFixed(2);

function hashText() {
  const parts = ["t=" + secondsOf(atMs)];
  if (app.window) parts.push("w=" + secondsOf(app.window[0]) + "," + secondsOf(app.window[1]));
  if (app.violation) parts.push("v=" + app.violation);
  if (app.selected) parts.push("sel=" + app.selected);
  return "#" + parts.join("&");
}

function writeHash() {
  history.replaceState(null, "", hashText());
}

function goTo(ms) {
  show(ms);
  for (const heard of app.moved) heard(atMs);
  writeHash();
}

function setWindow(fromMs, toMs) {
  const from = Math.max(0, Math.min(fromMs, toMs));
  const to = Math.min(data.endMs, Math.max(fromMs, toMs));
  app.window = to - from < 1 ? null : [from, to];
  for (const heard of app.changed) heard();
  writeHash();
}

function clearWindow() {
  app.window = null;
  for (const heard of app.changed) heard();
  writeHash();
}

function selectRow(name, ms) {
  app.selected = name;
  show(ms);
  writeHash();
}

function openViolation(number) {
  const card = document.getElementById("explain-" + number) || document.getElementById("violation-" + number);
  app.violation = number;
  if (!card) return;
  const folded = card.closest("details");
  if (folded) folded.open = true;
  card.scrollIntoView({ block: "start" });
}

function readHash() {
  const hash = location.hash.slice(1);
  if (!hash.includes("=")) return false;
  const parts = new Map(hash.split("&").map((part) => part.split("=")));
  const numbers = (name) => (parts.get(name) || "").split(",").map(Number).filter(Number.isFinite);
  app.selected = parts.get("sel") || "";
  app.violation = 0;
  if (parts.has("v")) openViolation(numbers("v")[0] || 0);
  const range = parts.has("w") ? numbers("w") : [];
  if (range.length === 2) app.window = [range[0] * 1000, range[1] * 1000];
  if (parts.has("t")) show((numbers("t")[0] || 0) * 1000);
  for (const heard of app.changed) heard();
  for (const heard of app.moved) heard(atMs);
  for (const heard of app.picked) heard();
  return true;
}

function element(name, attributes, text) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}
`;
