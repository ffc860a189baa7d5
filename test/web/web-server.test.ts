import os from "node:os";
import { expect, test } from "vitest";
import { plain, startWebServer } from "../../src/web/web-server.ts";

const HAS_IPV6 = Object.values(os.networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === "::1"),
);

test.skipIf(!HAS_IPV6)(
  "a page on an IPv6 address is served at the address that it tells",
  async () => {
    await using server = await startWebServer({
      host: "::1",
      port: 0,
      handlers: [({ path }) => plain(200, path)],
    });
    expect(server.url).toMatch(/^http:\/\/\[::1\]:\d+\/\?token=/);
    expect(await (await fetch(server.url)).text()).toBe("/\n");
  },
);
