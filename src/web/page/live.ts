import type { LiveMessage, LiveOrder } from "../live-state.ts";
import { byId, setText } from "./dom.ts";
import { onOrder, show, showRefusal, showStatus } from "./live-view.ts";

let isOver = false;
const stream = new EventSource("/events");
stream.addEventListener("message", ({ data }: MessageEvent<string>) => {
  const message = JSON.parse(data) as LiveMessage;
  show(message);
  showStatus(message.state);
  const { end } = message.state;
  if (end === null) return;
  // The page becomes the report.
  isOver = true;
  stream.close();
  location.replace(end.report);
});
stream.addEventListener("error", () => {
  if (!isOver) setText(byId("connection"), "Connection lost; trying again…");
});

onOrder((order) => void send(order), [{ text: "Stop and check", order: { type: "stop" } }]);

async function send(order: LiveOrder): Promise<void> {
  const response = await fetch("/orders", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(order),
  });
  showRefusal(response.ok ? "" : await response.text());
}
