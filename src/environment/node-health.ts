import http from "node:http";
import type { Address } from "../base/address.ts";

/** Whether the node there answers that it is well, within a second. */
export function isHealthy(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get(
      { ...address, path: "/healthz", agent: false, timeout: 1000 },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}
