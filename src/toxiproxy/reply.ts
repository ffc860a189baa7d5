import type { ApiError } from "./api-error.ts";
import { writeJson } from "./json.ts";

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Rendered at once: what a proxy is like now, not when the bytes leave. */
export function json(status: number, value: unknown): Reply {
  return text(status, "application/json", writeJson(value));
}

export function text(status: number, contentType: string, body: string): Reply {
  return { status, headers: { "Content-Type": contentType }, body };
}

export function noContent(): Reply {
  return { status: 204, headers: {}, body: "" };
}

/** JSON, but called plain text: Go's http.Error sets the type after the original has. */
export function refusal({ message, status }: ApiError): Reply {
  return plain(status, writeJson({ error: message, status }));
}

export function plain(status: number, line: string): Reply {
  return {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff" },
    body: `${line}\n`,
  };
}

export function redirect(location: string): Reply {
  return { status: 301, headers: { Location: location }, body: "" };
}

export function wrongMethod(): Reply {
  return { status: 405, headers: {}, body: "" };
}
