import type { Echo, Ping } from "./ping-once.ts";

/*
 * The path to an address: echo requests that live for one router, for two, and so on. One at a time while each is
 * answered, since Linux routers answer a handful of such requests and fall silent for a second; beyond a silent one the
 * next three at once, so that a path that ends in silence costs two waits and not four. ping does not say how long a
 * router took to refuse, so each that answered is asked for its RTT by an echo request to its own address.
 */
export interface Hop {
  address: string | null;
  /** RTT of an echo to the router itself; null where it does not answer these. */
  rttUs: number | null;
  /** Its refusal, such as !H, where the path ends with one; else empty. */
  code: string;
}

export interface Trace {
  hops: Hop[];
  reached: boolean;
  /** Last hop that answered, and its place, from 1; null and 0 where none did. */
  deepest: string | null;
  deepestHop: number;
  /**
   * Why the trace ended otherwise than at the target or in silence. `route`: this machine has no way there · `loop`: a
   * router came up again · `time`: it took too long · `ping`: ping cannot be run.
   */
  why: "route" | "loop" | "time" | "ping" | null;
}

export interface TraceOptions {
  ping: Ping;
  /** This machine's own addresses: its own refusal is no hop. */
  ownAddresses: ReadonlySet<string>;
  signal: AbortSignal;
  /** Seconds to wait for one answer. Default 2: a geostationary satellite under load needs more than one. */
  waitS?: number;
}

const maxHops = 24;
/** Silent ones in a row that end the trace. */
const maxSilent = 4;

export async function tracePath(address: string, options: TraceOptions): Promise<Trace> {
  const { ping, ownAddresses, signal, waitS = 2 } = options;
  const hops: Hop[] = [];
  const asked: Promise<void>[] = [];
  let end: Trace["why"] | "reached" | "refused" | "silence" = null;

  /** What one answer adds; sets `end` where the path does not go on. */
  function add(echo: Echo): void {
    if (echo.kind === "cannot" || echo.kind === "noRoute") {
      end = echo.kind === "cannot" ? "ping" : "route";
      return;
    }
    const from = echo.kind === "silent" || ownAddresses.has(withoutZone(echo.from)) ? null : echo.from;
    const hop: Hop = { address: from, rttUs: null, code: "" };
    hops.push(hop);
    if (echo.kind === "reply") {
      hop.address = echo.from;
      hop.rttUs = echo.rttUs;
      end = "reached";
    } else if (echo.kind === "unreachable") {
      hop.code = echo.code;
      end = "refused";
    } else if (from === null) {
      if (hops.slice(-maxSilent).every((last) => last.address === null) && hops.length >= maxSilent)
        end = "silence";
    } else if (hops.slice(0, -2).some((earlier) => earlier.address === from)) end = "loop";
    if (from !== null && echo.kind !== "reply") asked.push(askHop(hop, from));
  }

  async function askHop(hop: Hop, hopAddress: string): Promise<void> {
    const echo = await ping(hopAddress, { ttl: null, waitS, signal });
    if (echo.kind === "reply") hop.rttUs = echo.rttUs;
  }

  while (end === null && hops.length < maxHops) {
    const next = hops.length + 1;
    const count = hops.at(-1)?.address === null ? maxSilent - 1 : 1;
    const lives = Array.from({ length: Math.min(count, maxHops - hops.length) }, (_, index) => next + index);
    // The next ones are only worth sending when these did not end the path.
    const echoes = await Promise.all(lives.map((ttl) => ping(address, { ttl, waitS, signal })));
    if (signal.aborted) end = "time";
    else for (const echo of echoes) if (end === null) add(echo);
  }
  await Promise.all(asked);
  return summarise(hops, end);
}

function summarise(hops: Hop[], end: Trace["why"] | "reached" | "refused" | "silence"): Trace {
  const deepestAt = hops.findLastIndex((hop) => hop.address !== null);
  const why = end === "reached" || end === "refused" || end === "silence" ? null : end;
  return {
    hops,
    reached: end === "reached",
    deepest: hops[deepestAt]?.address ?? null,
    deepestHop: deepestAt + 1,
    why,
  };
}

const withoutZone = (address: string) => address.split("%")[0]!;

/** The hops as one line, `10.8.1.1 1.2|10.8.0.1|* !H`: address, RTT in ms, refusal; `*` where nothing answered. */
export function describeHops(hops: readonly Hop[], maxLength = 500): string {
  const parts = hops.map(({ address, rttUs, code }) =>
    [address ?? "*", rttUs === null ? "" : (rttUs / 1000).toFixed(1), code]
      .filter((part) => part !== "")
      .join(" "),
  );
  // The end says more than the beginning, which is the same for all.
  while (parts.length > 1 && parts.join("|").length > maxLength)
    parts.splice(0, parts[0] === "…" ? 2 : 1, "…");
  return parts.join("|");
}
