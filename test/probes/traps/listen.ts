import { freeUdpPort } from "../../support/free-port.ts";
import type { TrapsV1 } from "#wire/agent-config-v1.ts";
import type { AgentEvent } from "#wire/batch-v1.ts";
import { parseBatch } from "#wire/batch-v1.ts";
import type { SnmpTarget } from "#wire/targets-v1.ts";
import type { Log } from "../../../probes/log.ts";
import { createResolve } from "../../../probes/resolve.ts";
import { createTrapListener } from "../../../probes/traps/listener.ts";
import type { TrapTimes } from "../../../probes/traps/listener.ts";
import { targetBase } from "../../support/probe-context.ts";
import { waitFor } from "../../support/wait-for.ts";

export const community = "lontar-rahasia";
export const traps = (overrides: Partial<TrapsV1> = {}): TrapsV1 => ({
  address: "127.0.0.1",
  port: 0,
  communities: [community],
  users: [],
  sources: ["127.0.0.1"],
  perMinute: 600,
  ...overrides,
});

export function snmpTarget(id: string, address: string): SnmpTarget {
  const auth = { version: "2c", community } as const;
  return { ...targetBase(), id, kind: "snmp", address, port: 161, auth, oids: {}, profile: null };
}

type Event = Pick<AgentEvent, "type" | "detail">;

export interface Listening extends AsyncDisposable {
  port: number;
  events: Event[];
  /** All that was logged, as text. */
  logged: string[];
  /** The next events of this type, waited for. */
  heard(type: string, count?: number): Promise<Event["detail"][]>;
  update(traps: TrapsV1 | null, targets?: SnmpTarget[]): Promise<void>;
}

const everSoonMs: Partial<TrapTimes> = { limitedMs: 300, firstToldMs: 100, toldMs: 3_600_000, retryMs: 100 };

/** The real listener on a free port; its events are those of a batch, which is checked. */
export async function listenForTraps(
  wanted: TrapsV1 = traps(),
  targets: SnmpTarget[] = [],
  times: Partial<TrapTimes> = everSoonMs,
): Promise<Listening> {
  const port = wanted.port === 0 ? await freeUdpPort() : wanted.port;
  const events: Event[] = [];
  const logged: string[] = [];
  const note = (...parts: unknown[]) => void logged.push(JSON.stringify(parts));
  const log = { debug: note, info: note, warn: note, error: note } as Log;
  const listener = createTrapListener({
    log,
    resolve: createResolve({ nameservers: ["127.0.0.1:9"] }),
    clock: { wallMs: () => Date.now(), monoMs: () => Math.floor(performance.now()) },
    random: () => 0.5,
    times,
    onEvent(type, detail) {
      assertEvent({ monoMs: 0, type, detail });
      events.push({ type, detail });
    },
  });
  await listener.update({ ...wanted, port }, targets);
  return {
    port,
    events,
    logged,
    async heard(type, count = 1) {
      const found = () => events.filter((event) => event.type === type).map(({ detail }) => detail);
      await waitFor(
        `${count} × ${type}, have ${JSON.stringify(events.slice(0, 9))}`,
        () => found().length >= count,
        {
          everyMs: 20,
        },
      );
      return found();
    },
    update: (next, nextTargets = targets) =>
      listener.update(next === null ? null : { ...next, port }, nextTargets),
    [Symbol.asyncDispose]: () => listener.stop(),
  };
}

/** Throws where a batch with this event would be refused by the collector. */
function assertEvent(event: AgentEvent): void {
  parseBatch({
    v: 1,
    agent: "ag_0123456789",
    boot: "b",
    host: { bootId: "h", uptimeS: 1 },
    seq: 1,
    clock: { wallMs: 1_790_000_000_000, monoMs: 1, synced: true },
    ledger: { produced: 0, thinned: 0, lost: 0 },
    rounds: [],
    events: [event],
  });
}
