/** A table of which only the rows in sight exist: filtered, sorted, walked through by keys. */
export const ROWS = `
const ROW_HEIGHT = 26;

function createRows(options) {
  const { id, label, columns, size, timeMs, filterable, jsonl, detail, nameOf } = options;
  const mount = document.getElementById(id);
  mount.replaceChildren();
  const bar = element("div", { class: "bar-row" });
  const input = element("input", { type: "search", id: id + "-filter", placeholder: options.example, spellcheck: "false", autocomplete: "off" });
  const name = element("label", { for: id + "-filter" }, "Filter");
  const chip = element("button", { type: "button", class: "chip" });
  const count = element("output", { "aria-live": "polite" });
  const copy = element("button", { type: "button" }, options.copyLabel);
  bar.append(name, input, chip, count, copy);
  const box = element("div", { class: "rows", role: "grid", tabindex: "0", "aria-label": label });
  box.style.setProperty("--columns", columns.map((column) => column.width).join(" "));
  const headGroup = element("div", { class: "rows-head", role: "rowgroup" });
  const head = element("div", { role: "row", "aria-rowindex": "1" });
  const body = element("div", { class: "rows-body", role: "rowgroup" });
  const shown = element("pre", { class: "row-detail", tabindex: "0", "aria-label": "Selected row" });
  shown.hidden = true;
  headGroup.append(head);
  box.append(headGroup, body);
  mount.append(bar, box, shown);
  let view = Array.from({ length: size }, (_, row) => row);
  let sort = { column: 0, isDown: false };
  let selected = -1;

  const buttons = columns.map((column, at) => {
    const cell = element("div", { role: "columnheader", class: column.isNumber ? "num" : "" });
    const button = element("button", { type: "button" }, column.head);
    button.addEventListener("click", () => {
      sort = { column: at, isDown: sort.column === at ? !sort.isDown : false };
      apply();
    });
    cell.append(button);
    head.append(cell);
    return { cell, button };
  });

  function apply() {
    const filter = parseFilter(input.value);
    const range = app.window;
    const rows = [];
    for (let row = 0; row < size; row++) {
      const t = timeMs(row);
      if (range && (t < range[0] || t > range[1])) continue;
      if (filter.tokens.length === 0 || matchesFilter(filter, filterable(row))) rows.push(row);
    }
    const { sortBy } = columns[sort.column];
    const way = sort.isDown ? -1 : 1;
    if (sort.column !== 0 || sort.isDown) {
      // What has no number comes last, either way.
      const keyOf = (key) => (Number.isNaN(key) ? way * Infinity : key);
      const keys = new Map(rows.map((row) => [row, keyOf(sortBy(row))]));
      rows.sort((a, b) => {
        const x = keys.get(a);
        const y = keys.get(b);
        return x < y ? -way : x > y ? way : a - b;
      });
    }
    view = rows;
    const complaint = filter.complaints.length > 0 ? " · " + filter.complaints.join("; ") : "";
    count.textContent = grouped(view.length) + " of " + grouped(size) + options.unit + complaint;
    chip.hidden = !range;
    if (range) chip.textContent = "only " + secondsOf(range[0]) + "–" + secondsOf(range[1]) + " s ✕";
    for (const [at, { cell, button }] of buttons.entries()) {
      const isSorted = at === sort.column;
      cell.setAttribute("aria-sort", isSorted ? (sort.isDown ? "descending" : "ascending") : "none");
      button.textContent = columns[at].head + (isSorted ? (sort.isDown ? " ↓" : " ↑") : "");
    }
    box.setAttribute("aria-rowcount", String(view.length + 1));
    body.style.height = view.length * ROW_HEIGHT + "px";
    draw();
  }

  function draw() {
    const first = Math.max(0, Math.floor(box.scrollTop / ROW_HEIGHT) - 8);
    const last = Math.min(view.length, Math.ceil((box.scrollTop + box.clientHeight) / ROW_HEIGHT) + 8);
    const rows = [];
    for (let place = first; place < last; place++) rows.push(drawn(place));
    body.replaceChildren(...rows);
    const at = view.indexOf(selected);
    if (at >= first && at < last) box.setAttribute("aria-activedescendant", id + "-" + selected);
    else box.removeAttribute("aria-activedescendant");
  }

  function drawn(place) {
    const row = view[place];
    const line = element("div", { role: "row", id: id + "-" + row, "aria-rowindex": String(place + 2), "aria-selected": String(row === selected) });
    line.style.top = place * ROW_HEIGHT + "px";
    for (const column of columns) {
      const look = [column.isNumber ? "num" : "", column.look ? column.look(row) : ""].join(" ").trim();
      const text = column.cell(row);
      line.append(element("div", look ? { role: "gridcell", class: look } : { role: "gridcell" }, text));
    }
    line.title = columns.map((column) => column.cell(row)).join("  ");
    line.addEventListener("click", () => select(row, true));
    return line;
  }

  function select(row, isOwn) {
    selected = row;
    const place = view.indexOf(row);
    if (place >= 0) {
      const top = place * ROW_HEIGHT;
      const room = box.clientHeight - headGroup.offsetHeight;
      if (top < box.scrollTop) box.scrollTop = top;
      else if (top + ROW_HEIGHT > box.scrollTop + room) box.scrollTop = top + ROW_HEIGHT - room;
    }
    shown.hidden = row < 0;
    if (row >= 0) shown.textContent = detail(row);
    draw();
    if (isOwn && row >= 0) selectRow(nameOf(row), timeMs(row));
  }

  /** The row in view that is nearest before a moment, if rows are in the order of time. */
  function placeAt(ms) {
    let low = 0;
    let high = view.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (timeMs(view[middle]) <= ms) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  box.addEventListener("scroll", draw, { passive: true });
  box.addEventListener("keydown", (event) => {
    if (event.target !== box || event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.floor(box.clientHeight / ROW_HEIGHT) - 2;
    const at = view.indexOf(selected);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: view.length - 1 }[event.key];
    if (to === undefined || view.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    select(view[Math.min(Math.max(to, 0), view.length - 1)], true);
  });
  let timer = 0;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(apply, 120);
  });
  chip.addEventListener("click", clearWindow);
  copy.addEventListener("click", () => {
    const rows = view.slice(0, options.copyMax);
    const told = rows.length < view.length ? "Copied the first " + grouped(rows.length) + " of " + grouped(view.length) : "Copied " + grouped(rows.length);
    navigator.clipboard.writeText(rows.map(jsonl).join("")).then(
      () => { copy.textContent = told; },
      () => { copy.textContent = "The browser does not allow it"; },
    );
    setTimeout(() => { copy.textContent = options.copyLabel; }, 2500);
  });
  app.changed.push(apply);
  function follow(ms) {
    missedMs = undefined;
    if (sort.column !== 0 || sort.isDown || view.length === 0) return;
    box.scrollTop = Math.max(0, placeAt(ms) * ROW_HEIGHT - box.clientHeight / 2);
    draw();
  }

  // Nobody sees a table that is off the screen: it follows the moment when it is scrolled to.
  let isSeen = false;
  let missedMs;
  new IntersectionObserver((entries) => {
    isSeen = entries.at(-1).isIntersecting;
    if (isSeen && missedMs !== undefined) follow(missedMs);
  }).observe(box);
  app.moved.push((ms) => {
    if (isSeen) follow(ms);
    else missedMs = ms;
  });
  app.picked.push(() => {
    const [kind, number] = app.selected.split(":");
    if (kind !== options.kind) return;
    const row = options.rowOf(Number(number));
    if (row < 0) return;
    select(row, false);
    box.scrollIntoView({ block: "center" });
  });
  apply();
  return input;
}

function grouped(number) {
  return String(number).replace(/\\B(?=(\\d{3})+$)/g, " ");
}
`;
