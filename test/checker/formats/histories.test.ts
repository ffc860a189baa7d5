import { describe, expect, test } from "vitest";
import { createHistoryParser, detectFormat, type Format } from "../../../checker/formats/format.ts";
import { MalformedHistory } from "../../../checker/formats/malformed.ts";
import type { Op } from "../../../checker/history.ts";

function read(text: string, format: Format | undefined = detectFormat(text)): Op[] {
  const parser = createHistoryParser(format ?? "json", text);
  return [...parser.push(text), ...parser.end()];
}

/** The ops in short: "3 ok read 4". */
function told(ops: readonly Op[]): string[] {
  return ops.map(({ process, type, f, value, error }) =>
    [process, type, f, JSON.stringify(value), error].filter((word) => word !== undefined).join(" "),
  );
}

test("Jepsen's history.edn, one op a line, with its nemesis and exceptions", () => {
  const text = `\
#jepsen.history.Op{:index 0, :time 3291485317, :type :invoke, :process 0, :f :write, :value 2}
{:type :info, :f :start, :value nil, :process :nemesis, :time 3300000000, :index 1}
{:type :info, :f :start, :value [:isolated {"n1" #{"n3" "n2"}}], :process :nemesis, :time 3300000001, :index 2}
{:type :info, :process 0, :f :write, :value 2, :time 8296209422, :index 3, :error :timeout, :exception {:via [{:type java.net.SocketTimeoutException, :message "Read \\"timed\\" out", :at [jepsen.etcd$client$fn__123 invoke "etcd.clj" 12]}]}}
{:type :invoke, :process 5, :f :cas, :value [2 1], :time 8300000000, :index 4}
{:type :fail, :process 5, :f :cas, :value [2 1], :time 8300000009, :index 5, :error [:did-not-match "it is 4"], :node "n2"}
`;
  const ops = read(text);
  expect(told(ops)).toEqual([
    "0 invoke write 2",
    "0 info write 2 timeout",
    "5 invoke cas [2,1]",
    '5 fail cas [2,1] [":did-not-match","it is 4"]',
  ]);
  expect(ops.map(({ index, timeNs }) => [index, timeNs])).toEqual([
    [0, 3291485317],
    [3, 8296209422],
    [4, 8300000000],
    [5, 8300000009],
  ]);
  expect(ops.at(-1)?.node).toBe("n2");
});

test("Knossos' histories: one vector, comments, no times (an op's place stands for its second)", () => {
  const text = `; value is 0 at first
[{:process 4, :type :invoke, :f :write, :value 2}
 {:process 4, :type :ok, :f :write, :value 2}
 ; a crashed read
 {:process 6  :type :invoke, :f :read, :value nil}]
`;
  const ops = read(text);
  expect(told(ops)).toEqual(["4 invoke write 2", "4 ok write 2", "6 invoke read null"]);
  expect(ops.map(({ timeNs }) => timeNs)).toEqual([0, 1e9, 2e9]);
});

test("Elle's transactions need neither function nor process", () => {
  const text = `\
{:index 0 :type :invoke  :value [[:append 253 1] [:r 255 nil]]}
{:index 1 :type :ok      :value [[:append 253 1] [:r 255 [2 3 4]]]}
`;
  expect(told(read(text))).toEqual([
    '0 invoke txn [[":append",253,1],[":r",255,null]]',
    '0 ok txn [[":append",253,1],[":r",255,[2,3,4]]]',
  ]);
});

test("Porcupine's key-value logs name the key beside the value", () => {
  const text = `\
{:process 0, :type :invoke, :f :append, :key "0", :value "x 0 0 y"}
{:process 0, :type :ok, :f :append, :key "0", :value "x 0 0 y"}
`;
  expect(told(read(text))).toEqual([
    '0 invoke append ["0","x 0 0 y"]',
    '0 ok append ["0","x 0 0 y"]',
  ]);
});

test("Porcupine's logs of etcd, as Jepsen's logger wrote them", () => {
  const text = `\
INFO  jepsen.util - 0\t:invoke\t:read\tnil
INFO  jepsen.util - 4\t:invoke\t:write\t1
INFO  jepsen.util - 0\t:ok\t:read\tnil
INFO  jepsen.util - 2\t:invoke\t:cas\t[3 0]
INFO  jepsen.util - 4\t:info\t:write\t:timed-out
INFO  jepsen.util - 2 \t:ok :cas \t[3 0] \t:hint 5
`;
  expect(told(read(text))).toEqual([
    "0 invoke read null",
    "4 invoke write 1",
    "0 ok read null",
    "2 invoke cas [3,0]",
    '4 info write ":timed-out"',
    "2 ok cas [3,0] hint",
  ]);
});

test("Maelstrom's history.txt, with independent keys, a nemesis and errors", () => {
  const text = `\
1\t:invoke\t:read\t[0 nil]
:nemesis\t:info\t:start-partition\t:majority
:nemesis\t:info\t:start-partition\t[:isolated {"n0" #{"n2"}}]
1\t:ok\t:read\t[0 3]
0\t:invoke\t:cas\t[0 [3 4]]
0\t:fail\t:cas\t[0 [3 4]]\t[:precondition-failed "4"]
3\t:invoke\t:write\t[1 2]
3\t:info\t:write\t[1 2]\t:net-timeout
`;
  expect(told(read(text))).toEqual([
    "1 invoke read [0,null]",
    "1 ok read [0,3]",
    "0 invoke cas [0,[3,4]]",
    '0 fail cas [0,[3,4]] [":precondition-failed","4"]',
    "3 invoke write [1,2]",
    "3 info write [1,2] net-timeout",
  ]);
});

describe("of a log without its last line feed the last answer may be half a word", () => {
  const asked = "1\t:invoke\t:read\tnil\n";
  test.each<[string, string]>([
    ["1\t:ok\t:read\t1", "1 info read 1 cut-off"],
    ["1\t:ok\t:read\t:a", '1 info read ":a" cut-off'],
    ["1\t:ok\t:read\tni", '1 info read "ni" cut-off'],
    ["1\t:ok\t:read\t1\n", "1 ok read 1"],
    ["1\t:ok\t:read\t1\r", "1 ok read 1"],
    ["1\t:ok\t:read\tnil", "1 ok read null"],
    ["1\t:ok\t:read\ttrue", "1 ok read true"],
    ["1\t:ok\t:read\t[0 1]", "1 ok read [0,1]"],
    ['1\t:ok\t:read\t"a"', '1 ok read "a"'],
    ["1\t:invoke\t:write\t1", "1 invoke write 1"],
    ["1\t:fail\t:write\t1", "1 fail write 1"],
  ])("%j", (line, op) => {
    expect(told(read(`${asked}${line}`, "log")).at(-1)).toBe(op);
  });
});

test("jepsen.log: lines of other parts are no ops", () => {
  const text = `\
2026-04-26 03:36:59,001{GMT}\tINFO\t[main] jepsen.core: Test version 12
2026-04-26 03:37:10,938{GMT}\tINFO\t[jepsen worker nemesis] jepsen.util: :nemesis\t:info\t:kill\t{"n1" :killed}
2026-04-26 03:37:11,001{GMT}\tINFO\t[jepsen worker 3] jepsen.util: 3\t:invoke\t:enqueue\t7
java.net.ConnectException: refused
\tat clojure.lang.AFn.run(AFn.java:22)
INFO [2026-06-04 20:34:50,763] jepsen worker 3 - jepsen.util 3\t:ok\t:enqueue\t7
INFO [2026-06-04 20:34:50,764] jepsen worker 3 - jepsen.util Downloading something
`;
  expect(told(read(text))).toEqual(["3 invoke enqueue 7", "3 ok enqueue 7"]);
});

test("our own history.jsonl, also with the half line of a killed harness", () => {
  const text = `\
{"format":"raftwreck-history","version":1,"workload":"register","startedAt":"2026-11-20T16:40:59.000Z"}
{"index":0,"timeNs":5,"process":0,"type":"invoke","f":"read","value":["k1",null]}
{"index":1,"timeNs":9,"process":0,"type":"ok","f":"read","value":["k1","a"],"node":"n1"}
{"index":2,"timeNs":1`;
  expect(told(read(text))).toEqual(['0 invoke read ["k1",null]', '0 ok read ["k1","a"]']);
  expect(() => read(`${text}\n`)).toThrow("line 4: this is not JSON");
});

test("who has a name is a client, too, but for the nemesis and others that only inform", () => {
  const json = `\
{"process":"chaos","type":"info","f":"kill","value":"n1"}
{"process":"c1","type":"invoke","f":"write","value":1}
{"process":1,"type":"invoke","f":"read"}
{"process":"c2","type":"invoke","f":"read"}
{"process":"nemesis","type":"invoke","f":"start"}
{"process":"c2","type":"ok","f":"read","value":1}
{"process":"c1","type":"info","f":"write","value":1}
`;
  expect(told(read(json))).toEqual([
    "-1 invoke write 1",
    "1 invoke read null",
    "-2 invoke read null",
    "-2 ok read 1",
    "-1 info write 1",
  ]);
  const edn = `\
{:process :nemesis, :type :invoke, :f :start}
{:process :c1, :type :ok, :f :read, :value 7}
`;
  expect(told(read(edn))).toEqual(["-1 ok read 7"]);
});

test("any other JSON: lines or one array", () => {
  const first = '{"type":"invoke","f":"add","value":3,"process":1,"time":12}';
  const second = '{"type":"ok","f":"add","value":3,"process":1,"time":15,"index":99}';
  const ops = ["1 invoke add 3", "1 ok add 3"];
  expect(told(read(`${first}\n\n${second}`))).toEqual(ops);
  expect(told(read(`[${first},\n ${second}]\n`))).toEqual(ops);
});

test("whole numbers of JSON that no double holds are kept as EDN keeps them, in values and keys", () => {
  const value =
    '[1767225600000000101, {"a\\"1767225600000000101": -9007199254740993}, 1e300, 0.1234567890123456, 12]';
  const line = `{"type":"ok","process":0,"f":"read","time":1767225600000000101,"key":9007199254740993,"value":${value}}`;
  const [edn] = read(
    "{:type :ok, :process 0, :f :read, :key 9007199254740993, :value " +
      value.replaceAll(/[:,]/g, " ") +
      "}",
  );
  expect(edn?.value).toEqual([
    "9007199254740993N",
    ["1767225600000000101N", { 'a"1767225600000000101': "-9007199254740993N" }, 1e300, 0.1234567890123456, 12],
  ]); // prettier-ignore
  for (const text of [line, `[${line},\n${line}]`]) {
    const ops = read(text);
    expect(ops[0]?.timeNs).toBe(Number("1767225600000000101"));
    for (const op of ops) expect(op.value).toEqual(edn?.value);
  }
  const ours = `\
{"format":"raftwreck-history","version":1,"workload":"own","startedAt":"2026-11-20T16:40:59.000Z"}
{"index":0,"timeNs":5,"process":0,"type":"invoke","f":"write","value":["k",1767225600000000101]}
`;
  expect(told(read(ours))).toEqual(['0 invoke write ["k","1767225600000000101N"]']);
});

test("equal values are equal texts: sets and maps in order, what JSON lacks as EDN text", () => {
  const value = '{:b #{3 1 2}, "a" :x, 1 [1/2 \\a nil 9007199254740993 #inst "2026"]}';
  const [op] = read(`{:type :ok, :process 0, :f :read, :value ${value}}`);
  expect(JSON.stringify(op?.value)).toBe(
    JSON.stringify({
      "1": ["1/2", "\\a", null, "9007199254740993N", '#inst "2026"'],
      ":b": [1, 2, 3],
      a: ":x",
    }),
  );
});

describe("what is no history is refused with its line and one reason", () => {
  test.each<[string, string]>([
    ["{:type :invoke, :f :read, :value nil, :process 0}\n{:type :begin}", "line 2: the type must be one of invoke, ok, fail, info, not begin"],
    ["{:type :ok, :process 1.5, :f :read}", "line 1: the process must be a whole number or a name, not 1.5"],
    ["{:type :ok, :process 1, :value 3}", "line 1: the function (f) must be a name such as read, not nothing"],
    ["\n\n[{:type :ok, :process 1, :f :read}\n 17]", "line 4: an op is a map with :type, :f and :value, not 17"],
    ["{:stats {:valid? true, :count 12}\n :valid? true}", "line 1: these are the results of another checker; give the history.edn that lies beside them"],
    ["0\t:invoke\t:read\tnil\n0\t:ok\t:re", "line 2: this op is not whole: process, type, function and value were expected"],
    ["0\t:invoke\t:cas\t[1 2", 'line 1: there is no "]" at the end'],
    ["hello\nworld\n", "line 1: no line of this is an op"],
    ['{"type":"ok","f":"read","time":"soon"}\n', 'line 1: the time must be a number of nanoseconds, not soon'],
    ['{"type":"ok"\n', "line 1: this is not JSON"],
    ['[{"type":"invoke","f":"read"}, 5]', "line 2: an op must be a JSON object"],
    ["{:type :ok, :f :read, :value ##constructor}", "line 1: there is no number ##constructor"],
    ["{:type :ok, :f :read, :value \\toString}", "line 1: there is no character \\toString"],
    ["[{\"type\": 1}]", "line 1: the type must be one of invoke, ok, fail, info, not 1"],
  ])("%j", (text, message) => {
    expect(() => read(text)).toThrow(MalformedHistory);
    expect(() => read(text)).toThrow(message);
  });
}); // prettier-ignore

test.each<[string, Format | undefined]>([
  ["", undefined],
  [" \n; only a comment", undefined],
  ['{"format":"raftwreck-history"', "json"],
  ["[\n  {\"type\"", "json"],
  ["[]", "json"],
  ["{:type", "edn"],
  ["[{:type", "edn"],
  ["; comment\n#jepsen.history.Op{", "edn"],
  ["INFO  jepsen.util - 0", "log"],
  ["0\t:invoke", "log"],
  [":nemesis\t:info", "log"],
  ["[main] INFO jepsen", "log"],
])("%j is %s", (beginning, format) => {
  expect(detectFormat(beginning)).toBe(format);
}); // prettier-ignore
