import type { StreamName } from "./toxic.ts";

/** The bytes of one stream of a proxy; its connections count here as they go. */
export interface ByteCount {
  received: number;
  sent: number;
}

export interface Labels {
  readonly direction: StreamName;
  readonly listener: string;
  readonly proxy: string;
  readonly upstream: string;
}

/** Counters of all proxies since the start, in Prometheus' text format. */
export class Metrics {
  readonly #counts = new Map<string, ByteCount>();

  count(labels: Labels): ByteCount {
    const key = renderLabels(labels);
    const count = this.#counts.get(key) ?? { received: 0, sent: 0 };
    this.#counts.set(key, count);
    return count;
  }

  render(): string {
    return this.#family("received") + this.#family("sent");
  }

  #family(which: keyof ByteCount): string {
    const name = `toxiproxy_proxy_${which}_bytes_total`;
    const series = [...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const lines = series.map(([labels, count]) => `${name}{${labels}} ${count[which]}\n`);
    return [`# HELP ${name} \n`, `# TYPE ${name} counter\n`, ...lines].join("");
  }
}

function renderLabels({ direction, listener, proxy, upstream }: Labels): string {
  return Object.entries({ direction, listener, proxy, upstream })
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(",");
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
