/** Unpacks the records and makes the two tables of them. */
export const TABLES = `
const COPY_MAX = 10000;

async function unpack() {
  const text = document.getElementById("records").textContent;
  const bytes = Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : bytesOf(text);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

function bytesOf(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

function faultsAt(ms) {
  const kinds = data.faults.filter((fault) => fault[1] <= ms && ms < fault[2]).map((fault) => fault[3]);
  return [...new Set(kinds)].join(", ");
}

/** JSON as a reader wants it: strings bare, null as absent. */
function plain(json) {
  if (json === "null") return "absent";
  return /^".*"$/.test(json) ? json.slice(1, -1) : json;
}

function operationsTable(columns) {
  const ops = decodeOperations(columns);
  const keyText = (row) => [ops.key(row) ?? []].flat().join(" ");
  const asked = (row) => {
    const json = ops.argument(row);
    if (ops.f(row) === "cas" && json.endsWith("]")) return JSON.parse(json).map((value) => plain(JSON.stringify(value))).join(" ⇒ ");
    return json === "null" ? "" : plain(json);
  };
  const answered = (row) => (ops.answer(row) === "" ? "" : "→ " + plain(ops.answer(row)));
  const took = (row) => (Number.isNaN(ops.tookMs[row]) ? "–" : ops.tookMs[row].toFixed(ops.tookMs[row] < 100 ? 2 : 0));
  const looks = { ok: "", fail: "fail", info: "warn", open: "warn" };
  const signs = { ok: "✓ ok", fail: "– fail", info: "? info", open: "? open" };
  const value = (row) => [asked(row), answered(row)].filter(Boolean).join(" ");
  const fields = { f: ops.f, key: (row) => [ops.key(row) ?? []].flat(), type: ops.type, node: ops.node, client: (row) => String(ops.process(row)) };
  const filterable = (row) => ({
    word: (field) => fields[field] && fields[field](row),
    number: (field) => (field === "t" ? ops.callMs[row] / 1000 : ops.tookMs[row]),
    text: () => [ops.f(row), keyText(row), value(row), ops.error(row), ops.node(row)].join(" ").toLowerCase(),
  });
  return createRows({
    id: "operations-table",
    kind: "op",
    label: "Operations of the clients",
    unit: " operations",
    example: "f:write key:7 type:info,fail node:n2 client:3 t:20..25 lat>500 !type:ok free text",
    copyLabel: "Copy as JSONL",
    copyMax: COPY_MAX,
    size: ops.size,
    timeMs: (row) => ops.callMs[row],
    filterable,
    nameOf: (row) => "op:" + ops.index[row],
    jsonl: (row) => operationLines(ops, row),
    detail: (row) => "process " + ops.process(row) + " " + ops.f(row) + " " + keyText(row) + " " + value(row) + "\\n" + operationLines(ops, row).trimEnd(),
    rowOf: (index) => ops.index.indexOf(index),
    columns: [
      { head: "time s", width: "80px", isNumber: true, cell: (row) => (ops.callMs[row] / 1000).toFixed(3), sortBy: (row) => ops.callMs[row] },
      { head: "latency ms", width: "95px", isNumber: true, cell: took, sortBy: (row) => ops.tookMs[row] },
      { head: "type", width: "70px", cell: (row) => signs[ops.type(row)], look: (row) => looks[ops.type(row)], sortBy: ops.type },
      { head: "node", width: "70px", cell: ops.node, sortBy: ops.node },
      { head: "client", width: "70px", isNumber: true, cell: (row) => String(ops.process(row)), sortBy: ops.process },
      { head: "f", width: "70px", cell: ops.f, sortBy: ops.f },
      { head: "key", width: "90px", cell: keyText, sortBy: keyText },
      { head: "value", width: "minmax(180px, 1fr)", cell: value, sortBy: value },
      { head: "error", width: "150px", cell: ops.error, sortBy: ops.error },
      { head: "active faults", width: "160px", cell: (row) => faultsAt(ops.callMs[row]), sortBy: (row) => faultsAt(ops.callMs[row]) },
    ],
  });
}

/** Invocation and completion as in the history; the times as exact as they are kept here. A value that was cut is text. */
function operationLines(ops, row) {
  const key = ops.key(row);
  const valueOf = (json) => {
    const rest = json.endsWith("…") ? json : JSON.parse(json);
    return typeof key === "string" ? [key, rest] : rest;
  };
  const base = { process: ops.process(row), f: ops.f(row) };
  const timeNs = Math.round(ops.callMs[row] * 1e6);
  const lines = [{ index: ops.index[row], timeNs, ...base, type: "invoke", value: valueOf(ops.argument(row)) }];
  const type = ops.type(row);
  if (type !== "open") {
    const isAnswered = type === "ok" && ops.answer(row) !== "";
    const end = { timeNs: Math.round(timeNs + ops.tookMs[row] * 1e6), ...base, type, value: valueOf(isAnswered ? ops.answer(row) : ops.argument(row)) };
    if (ops.error(row)) end.error = ops.error(row);
    if (type !== "ok" && ops.answer(row)) end.current = valueOf(ops.answer(row))[1];
    if (ops.node(row)) end.node = ops.node(row);
    lines.push(end);
  }
  return lines.map((line) => JSON.stringify(line) + "\\n").join("");
}

function logsTable({ logs, nodes }) {
  const lanes = new Map(nodes);
  const times = [];
  let sum = 0;
  for (const delta of logs.time) times.push((sum += delta));
  const levels = { d: "debug", i: "info", w: "warn", e: "error" };
  const looks = { warn: "warn", error: "fail" };
  const source = (row) => logs.sources[logs.source[row]];
  const level = (row) => levels[logs.level[row]];
  const roleAt = (row) => {
    const lane = lanes.get(source(row)) || [];
    const now = lane.findLast((each) => each[2] <= times[row] && times[row] < each[3]);
    return now ? now[0] + ", term " + now[1] : "";
  };
  const fields = { node: source, level };
  return createRows({
    id: "logs-table",
    kind: "log",
    label: "Log lines",
    unit: " lines",
    example: "level:warn,error node:n2 t:20..25 free text",
    copyLabel: "Copy as JSONL",
    copyMax: COPY_MAX,
    size: times.length,
    timeMs: (row) => times[row],
    filterable: (row) => ({
      word: (field) => fields[field] && fields[field](row),
      number: (field) => (field === "t" ? times[row] / 1000 : undefined),
      text: () => (source(row) + " " + logs.text[row]).toLowerCase(),
    }),
    nameOf: (row) => "log:" + row,
    jsonl: (row) => JSON.stringify({ timeMs: times[row], node: source(row), level: level(row), text: logs.text[row] }) + "\\n",
    detail: (row) => logs.text[row],
    rowOf: (row) => (row < times.length ? row : -1),
    columns: [
      { head: "time s", width: "80px", isNumber: true, cell: (row) => (times[row] / 1000).toFixed(3), sortBy: (row) => times[row] },
      { head: "who", width: "90px", cell: source, sortBy: source },
      { head: "level", width: "70px", cell: level, look: (row) => looks[level(row)] || "", sortBy: level },
      { head: "role at the time", width: "150px", cell: roleAt, sortBy: roleAt },
      { head: "text", width: "minmax(300px, 1fr)", cell: (row) => logs.text[row], sortBy: (row) => logs.text[row] },
      { head: "active faults", width: "180px", cell: (row) => faultsAt(times[row]), sortBy: (row) => faultsAt(times[row]) },
    ],
  });
}

/** After the first paint: the verdict does not wait for tables. */
function makeTables() {
  if (!document.getElementById("records")) return;
  unpack().then(
    (records) => {
      operationsTable(records.operations);
      logsTable(records);
      for (const heard of app.picked) heard();
    },
    (error) => {
      for (const id of ["operations-table", "logs-table"])
        document.getElementById(id).textContent = "This browser could not unpack the records: " + error.message;
    },
  );
}
`;
