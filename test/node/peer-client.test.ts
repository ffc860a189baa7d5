import { expect, test } from "vitest";
import type { Reply } from "../../node/raft/messages.ts";
import { PeerClient } from "../../node/shell/peer-client.ts";
import { vote } from "./server.ts";

test("a member to whom no request can be made has not answered", () => {
  const client = new PeerClient({ host: "日本", port: 80 }, 1000);
  const replies: (Reply | undefined)[] = [];
  client.call("n2", vote(), (reply) => replies.push(reply));
  client.close();
  expect(replies).toEqual([undefined]);
});
