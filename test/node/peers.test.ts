import http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { Reply } from "../../node/raft/messages.ts";
import { Peers } from "../../node/shell/peers.ts";
import { encodeReply } from "../../node/shell/wire.ts";
import { vote } from "./server.ts";

const REPLY: Reply = { type: "request-vote-reply", term: 1, voteGranted: true };

/** A member that grants every vote; `open` counts the connections that it has. */
async function member(): Promise<{ address: string; open: () => number }> {
  let open = 0;
  const server = http.createServer((_, response) => response.end(encodeReply(REPLY)));
  server.on("connection", (socket) => {
    open++;
    socket.on("close", () => open--);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, open: () => open };
}

test("of a member that has moved, no connection to where it was is kept", async () => {
  const peers = new Peers(new Map(), 5000);
  const ask = (address: string): Promise<Reply | undefined> =>
    new Promise((heard) =>
      peers.call("n2", { voters: ["n2"], learners: [], addresses: { n2: address } }, vote(), heard),
    );
  const [before, after] = [await member(), await member()];
  expect(await ask(before.address)).toEqual(REPLY);
  expect(await ask(after.address)).toEqual(REPLY);
  await expect.poll(before.open, { timeout: 5000 }).toBe(0);
  expect(after.open()).toBe(1);
});
