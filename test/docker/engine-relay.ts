import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

/** A way to the engine that can be cut, as if the engine had stopped; the engine itself is not touched. */
export class EngineRelay implements Disposable {
  readonly host: string;
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), "raftwreck-relay-"));
  readonly #sockets = new Set<net.Socket>();
  readonly #server: net.Server;

  constructor(engineSocket = "/var/run/docker.sock") {
    const file = path.join(this.#folder, "docker.sock");
    this.host = `unix://${file}`;
    this.#server = net.createServer({ allowHalfOpen: true }, (near) => {
      const far = net.connect({ path: engineSocket, allowHalfOpen: true });
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on("close", () => this.#sockets.delete(socket));
        socket.on("error", () => [near, far].map((each) => each.destroy()));
      }
      near.pipe(far).pipe(near);
    });
    this.#server.listen(file);
  }

  cut(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  [Symbol.dispose](): void {
    this.cut();
  }
}
