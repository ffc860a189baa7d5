import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { formatHeader } from "../../checker/history-file.ts";
import { ConfigError, UsageError } from "../../src/base/errors.ts";
import { historyVerdictJson, renderHistoryVerdict } from "../../src/report/history-verdict.ts";
import { chooseStyle } from "../../src/report/style.ts";
import { checkHistory } from "../../src/run/check-history.ts";
import { isOurs } from "../../src/store/history-text.ts";
import { tempDir } from "../store/temp-dir.ts";

const BUDGET = { checkTimeoutMs: 1000, checkMemoryBytes: 1e9 };
const STALE = `\
INFO  jepsen.util - 0\t:invoke\t:write\t1
INFO  jepsen.util - 0\t:ok\t:write\t1
INFO  jepsen.util - 1\t:invoke\t:cas\t[1 2]
INFO  jepsen.util - 1\t:ok\t:cas\t[1 2]
INFO  jepsen.util - 2\t:invoke\t:read\tnil
INFO  jepsen.util - 2\t:ok\t:read\t1
`;
const LOCK = "{:process 0 :type :invoke :f :acquire}\n{:process 0 :type :ok :f :acquire}\n";

function file(name: string, content: string | Uint8Array): string {
  const path = join(tempDir(), name);
  writeFileSync(path, content);
  return path;
}

test("a violation is told with the operations that prove it, for people and for machines", async () => {
  const path = file("etcd.log", STALE);
  const checked = await checkHistory(path, BUDGET);
  expect(renderHistoryVerdict(checked, chooseStyle({ isTty: false, env: {} }))).toBe(`
✕ INVALID · cas-register · 3 operations · ${path} (log)
  stale read: read the register → 1 at 5.00 s although 2 was acknowledged at 3.00 s

  3 operations by themselves prove it:
  0.00 s  process 0  write 1: invoked 0.00 s, ok 1.00 s
  2.00 s  process 1  cas 1 → 2: invoked 2.00 s, ok 3.00 s
  4.00 s  process 2  read 1: invoked 4.00 s, ok 5.00 s
  (no times are recorded: op n is put at n s)
`);
  expect(historyVerdictJson(checked)).toMatchObject({
    format: "raftwreck-check",
    version: 1,
    file: path,
    fileFormat: "log",
    model: "cas-register",
    isKeyed: false,
    operations: 3,
    verdict: "invalid",
    exitCode: 1,
  });
});

describe("a history is found and unpacked", () => {
  test("gzipped, whatever its name", async () => {
    const { format, exitCode } = await checkHistory(file("history", gzipSync(LOCK)), BUDGET);
    expect([format, exitCode]).toEqual(["edn", 0]);
  });

  test("in a folder of Jepsen or Maelstrom", async () => {
    const folder = tempDir();
    writeFileSync(join(folder, "history.edn"), LOCK);
    writeFileSync(join(folder, "results.edn"), "{:valid? true}");
    expect(isOurs(folder)).toBe(false);
    expect((await checkHistory(folder, BUDGET)).file).toBe(join(folder, "history.edn"));
  });

  test("in a pipe, which can be read only once, also if it is of our own format", async () => {
    const written = file(
      "history.jsonl",
      `${formatHeader({ workload: "lock", startedAt: "2026-11-20T16:40:59Z" })}
{"index":0,"timeNs":0,"process":0,"type":"invoke","f":"acquire","value":null}
{"index":1,"timeNs":1,"process":0,"type":"ok","f":"acquire","value":null}
`,
    );
    const pipe = join(tempDir(), "pipe");
    execFileSync("mkfifo", [pipe]);
    spawn("sh", ["-c", 'cat "$0" > "$1"', written, pipe]);
    expect(isOurs(pipe)).toBe(false);
    expect((await checkHistory(pipe, BUDGET)).operations).toBe(1);
  });

  test("longer than the piece that is read at once, with characters that two pieces share", async () => {
    const lines = Array.from({ length: 4000 }, (_, i) => {
      const op = `:process 0 :f :write :value ["ä€💥" "${"€".repeat(i % 99)}${i}"]`;
      return `{:type :invoke ${op}}\n{:type :ok ${op}}`;
    });
    const path = file("history.edn", lines.join("\n"));
    const { operations, result } = await checkHistory(path, { ...BUDGET, isKeyed: true });
    expect([operations, result.verdict]).toEqual([4000, "valid"]);
  });
});

describe("what cannot be checked is said in one sentence", () => {
  test.each<[string, string | Uint8Array, string]>([
    ["history.edn", `${LOCK}{:process 0 :type :oops :f :release}\n`, "line 3: the type must be one of invoke, ok, fail, info, not oops"],
    ["array.json", '[{"process":0,"type":"invoke","f":"write","value":1}, 5]', "line 2: an op must be a JSON object"],
    ["empty.edn", " \n", "is empty: there is no history in it"],
    ["cut.gz", gzipSync(STALE).subarray(0, 40), "unexpected end of file"],
    ["results.edn", "{:valid? true}", "these are the results of another checker"],
  ])("%s", async (name, content, message) => {
    const path = file(name, content);
    const failure = checkHistory(path, BUDGET);
    await expect(failure).rejects.toThrow(ConfigError);
    await expect(failure).rejects.toThrow(path);
    await expect(failure).rejects.toThrow(message);
  });

  test("a folder without a history, and functions of nothing that is known", async () => {
    const folder = join(tempDir(), "store");
    mkdirSync(folder);
    await expect(checkHistory(folder, BUDGET)).rejects.toThrow(UsageError);
    const path = file("ids.edn", "{:process 0 :type :invoke :f :generate :value nil}");
    await expect(checkHistory(path, BUDGET)).rejects.toThrow(/say --model, one of register, /);
  });
}); // prettier-ignore
