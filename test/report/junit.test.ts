import { expect, test } from "vitest";
import { renderJunit } from "../../src/report/junit.ts";
import { escapeXml } from "../../src/report/xml.ts";
import { describe as describeProperty, resultsOf } from "./fixtures.ts";
import { hostileInput } from "./hostile.ts";

const junit = (results = resultsOf("two-leaders")): string =>
  renderJunit({ results, describe: describeProperty, reportPath: "report.html" });

test("a run is a suite with a case per checker", () => {
  const xml = junit();
  expect(xml).toMatch(
    /<testsuite name="2026-11-20T16-40-59Z_register_invalid_7f3a" tests="7" failures="2" errors="0"/,
  );
  expect(xml).toContain(
    '<testcase name="log-matching" classname="chaos.register.local" time="0"/>',
  );
  expect(xml).toContain('<property name="seed" value="7f3a91"/>');
  expect(xml).toContain("[[ATTACHMENT|report.html]]");
});

test("the sentences are in the body, where every CI system shows them", () => {
  const body = /<failure[^>]*>([\s\S]*?)<\/failure>/.exec(junit())?.[1];
  expect(body).toContain("Election safety: n5 and n2 both became leader in term 6");
  expect(body).toContain("(seen 5 times)");
  expect(body).toContain("21.10 s  n2: becomes leader in term 6");
});

test("unknown is an error, not a failure and not a pass", () => {
  const xml = junit(resultsOf("unknown"));
  expect(xml).toMatch(/errors="1"/);
  expect(xml).toMatch(/<error type="unknown" message="ran out of its 60 s on key k7[^"]*">/);
});

test("checkers of one name get names of their own", () => {
  const results = resultsOf("green");
  const [first] = results.checks;
  const names = [
    ...junit({ ...results, checks: [first!, first!] }).matchAll(/testcase name="([^"]*)"/g),
  ];
  expect(names.map(([, name]) => name)).toEqual(["election-safety", "election-safety (2)"]);
});

test("characters that XML cannot hold at all are replaced, line breaks survive", () => {
  expect(escapeXml("a\u0000\u0007\u001b\uffff\ud800b")).toBe("a\ufffd\ufffd\ufffd\ufffd\ufffdb");
  expect(escapeXml("one\ntwo\t💥")).toBe("one&#10;two&#9;💥");
  expect(escapeXml(`]]><a b="c">'`)).toBe("]]&gt;&lt;a b=&quot;c&quot;&gt;&#39;");
});

test("hostile strings leave the file well-formed", () => {
  const { results, describe } = hostileInput();
  const xml = renderJunit({ results, describe, reportPath: "report.html" });
  // oxlint-disable-next-line no-control-regex -- they are what must not be there
  expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
  const tags = [...xml.matchAll(/<(\/?)([a-z-]+)((?: [A-Za-z]+="[^"<]*")*)(\/?)>/g)];
  const open: string[] = [];
  for (const [, isClosing, name, , isEmpty] of tags) {
    if (isClosing) expect(open.pop()).toBe(name);
    else if (!isEmpty) open.push(name!);
  }
  expect(open).toEqual([]);
  expect(xml.match(/</g)?.length, "every < begins a tag of ours, or the declaration").toBe(
    tags.length + 1,
  );
});
