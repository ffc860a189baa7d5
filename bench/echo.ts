import http from "node:http";
import net from "node:net";

/** Started by `proxy.ts` as a process of its own: a TCP echo and an HTTP echo, their ports on the channel. */
const tcp = net.createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("data", (chunk) => socket.write(chunk));
  socket.on("error", () => socket.destroy());
});
const web = http.createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => response.end(Buffer.concat(chunks)));
});
tcp.listen(0, "127.0.0.1", () =>
  web.listen(0, "127.0.0.1", () => process.send?.([tcp, web].map(portOf))),
);
process.on("disconnect", () => process.exit());

function portOf(server: net.Server): number {
  return (server.address() as net.AddressInfo).port;
}
