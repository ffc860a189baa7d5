import { describe, expect, test } from "vitest";
import { isInState, proxyState } from "../../src/environment/link-toxics.ts";
import { loopbackAddress } from "../../src/environment/probe.ts";
import type { LinkEffect } from "../../nemesis/target.ts";

describe("effects on a link as toxics on its proxy", () => {
  test.each<[string, LinkEffect[], string]>([
    ["refusal disables", [{ type: "refuse" }, { type: "reset", afterMs: 1 }], "disabled"],
    ["lost requests", [{ type: "drop", stream: "upstream" }], "timeout_upstream(timeout 0)"],
    [
      "lost both",
      [{ type: "drop", stream: "both" }],
      "timeout_upstream(timeout 0) timeout_downstream(timeout 0)",
    ],
    [
      "latency is halved, and nothing of it is lost",
      [{ type: "latency", latencyMs: 25, jitterMs: 5 }],
      "latency_upstream(latency 12 jitter 2) latency_downstream(latency 13 jitter 3)",
    ],
    [
      "a narrow link does not become a closed one",
      [{ type: "bandwidth", rateKbytesPerSecond: 0.2 }],
      "bandwidth_upstream(rate 1) bandwidth_downstream(rate 1)",
    ],
    [
      "a closed link",
      [{ type: "bandwidth", rateKbytesPerSecond: 0 }],
      "bandwidth_upstream(rate 0) bandwidth_downstream(rate 0)",
    ],
    [
      "slices vary by less than their average",
      [{ type: "slice", averageBytes: 1, delayUs: 5 }],
      "slicer_upstream(average_size 1 size_variation 0 delay 5) slicer_downstream(average_size 1 size_variation 0 delay 5)",
    ],
    ["reset", [{ type: "reset", afterMs: 7 }], "reset_peer_upstream(timeout 7)"],
    [
      "several in their order",
      [
        { type: "reset", afterMs: 0 },
        { type: "drop", stream: "downstream" },
      ],
      "reset_peer_upstream(timeout 0) timeout_downstream(timeout 0)",
    ],
    ["none", [], ""],
  ])("%s", (_, effects, expected) => {
    const { enabled, toxics } = proxyState(effects);
    const text = toxics.map(({ name, attributes }) => {
      const values = Object.entries(attributes).map(([key, value]) => `${key} ${value}`);
      return `${name}(${values.join(" ")})`;
    });
    expect(enabled ? text.join(" ") : "disabled").toBe(expected);
  });

  test("attributes that the server adds of itself do not count", () => {
    const wanted = proxyState([{ type: "drop", stream: "upstream" }]);
    const toxics = wanted.toxics.map((toxic) => {
      return { ...toxic, attributes: { ...toxic.attributes, extra: 0 } };
    });
    const view = { name: "n1-n2", listen: "", upstream: "", enabled: true, toxics };
    expect(isInState(view, wanted)).toBe(true);
    expect(isInState({ ...view, enabled: false }, wanted)).toBe(false);
    expect(isInState({ ...view, toxics: [] }, wanted)).toBe(false);
    expect(isInState(undefined, wanted)).toBe(false);
  });
});

test.each([
  ["127.0.0.1:21102", { host: "127.0.0.1", port: 21_102 }],
  ["[::1]:80", { host: "::1", port: 80 }],
  ["localhost:1", { host: "localhost", port: 1 }],
  ["0.0.0.0:80", undefined],
  ["toxiproxy:80", undefined],
])("a proxy at %s can be tried at %j", (listen, expected) => {
  expect(loopbackAddress(listen)).toEqual(expected);
});
