import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import { causes, siteStates } from "./outage/table.ts";
import type { Reader } from "./report/reader.ts";
import { monthOf } from "./state/month.ts";
import type { StateStore } from "./state/state-store.ts";
import { createFresh } from "./report/fresh.ts";

export interface MetricsDeps {
  reader: Reader;
  state: StateStore;
  /** What ingest has counted since the start. */
  ingestCounts: () => {
    batches: number;
    rounds: number;
    duplicates: number;
    refused: number;
    putOffLive: number;
    putOffBacklog: number;
    lines: number;
    linesRefused: number;
  };
  nowMs: () => number;
}

export interface Metrics {
  /**
   * The text of /metrics, at most 5 s old: making it holds up everything else for some 20 ms. What it says of targets was
   * read up to 5 s before that.
   */
  render(): Promise<{ contentType: string; body: string }>;
}

const maxAgeMs = 5_000;

/** Prometheus metrics in a registry of their own; names as blackbox_exporter has them where it has them. */
export function createMetrics(deps: MetricsDeps): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  addIngestCounters(registry, deps.ingestCounts);
  const fillers = [
    probeGauges(registry, deps.reader),
    siteGauges(registry, deps.reader),
    agentGauges(registry, deps.reader),
    spoolGauges(registry, deps),
    workGauges(registry, deps),
  ];
  const render = createFresh(maxAgeMs, deps.nowMs, async () => {
    for (const fill of fillers) await fill();
    return { contentType: registry.contentType, body: await registry.metrics() };
  });
  return { render };
}

function addIngestCounters(registry: Registry, read: MetricsDeps["ingestCounts"]): void {
  const counters = {
    batches: ["sambung_ingest_batches_total", "Batches stored since the start."],
    rounds: ["sambung_ingest_rounds_total", "Rounds stored since the start."],
    duplicates: ["sambung_ingest_duplicates_total", "Batches that were stored already and came again."],
    refused: ["sambung_ingest_refused_total", "Batches refused since the start."],
    putOffLive: ["sambung_ingest_put_off_live_total", "Live batches and writes put off by 503 under load."],
    putOffBacklog: ["sambung_ingest_put_off_backlog_total", "Batches of backlog put off by 503 under load."],
    lines: ["sambung_ingest_lines_total", "Lines of line protocol taken since the start."],
    linesRefused: ["sambung_ingest_lines_refused_total", "Lines of line protocol refused since the start."],
  } as const;
  for (const [count, [name, help]] of Object.entries(counters)) {
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read()[count as keyof typeof counters]);
      },
    });
  }
}

type Fill = () => Promise<void>;

function gauge<L extends string>(registry: Registry, name: string, help: string, labelNames: L[]): Gauge<L> {
  return new Gauge({ name, help, labelNames, registers: [registry] });
}

/** Targets that fell silent have no value: an old success would be a lie. */
function probeGauges(registry: Registry, reader: Reader): Fill {
  const labels: ("site" | "target")[] = ["site", "target"];
  const success = gauge(registry, "probe_success", "Whether the last round was answered or passed.", labels);
  const duration = gauge(
    registry,
    "probe_duration_seconds",
    "Median reply or duration of the last round.",
    labels,
  );
  const loss = gauge(
    registry,
    "probe_icmp_loss_ratio",
    "Echo requests of the last round without a reply.",
    labels,
  );
  return async () => {
    for (const each of [success, duration, loss]) each.reset();
    for (const { site, id, ok, durationS, lossRatio } of await reader.targetStatus()) {
      success.set({ site, target: id }, ok ? 1 : 0);
      if (durationS !== null) duration.set({ site, target: id }, durationS);
      if (lossRatio !== null) loss.set({ site, target: id }, lossRatio);
    }
  };
}

function siteGauges(registry: Registry, reader: Reader): Fill {
  const state = gauge(registry, "sambung_site_state", "1 for the state that the site is in.", [
    "site",
    "state",
  ]);
  return async () => {
    state.reset();
    for (const site of await reader.sites()) {
      for (const name of siteStates) state.set({ site: site.code, state: name }, site.state === name ? 1 : 0);
    }
  };
}

function agentGauges(registry: Registry, reader: Reader): Fill {
  const labels: ("agent" | "site")[] = ["agent", "site"];
  const seen = gauge(
    registry,
    "sambung_agent_last_seen_timestamp_seconds",
    "Arrival of the agent's last batch.",
    labels,
  );
  const rounds = gauge(
    registry,
    "sambung_agent_ledger_rounds",
    "The agent's account: produced = stored + thinned + lost + open.",
    [...labels, "state"],
  );
  return async () => {
    seen.reset();
    rounds.reset();
    for (const { id, site, kind, revokedMs, lastSeenMs, standing } of await reader.agents()) {
      if (revokedMs !== null) continue;
      if (lastSeenMs !== null) seen.set({ agent: id, site }, lastSeenMs / 1000);
      if (standing === null || kind === "telegraf") continue;
      rounds.set({ agent: id, site, state: "produced" }, standing.producedRounds);
      rounds.set({ agent: id, site, state: "stored" }, standing.storedRounds);
      rounds.set({ agent: id, site, state: "thinned" }, standing.thinnedRounds);
      rounds.set({ agent: id, site, state: "lost" }, standing.lostRounds);
      rounds.set({ agent: id, site, state: "open" }, standing.openRounds);
    }
  };
}

/** What agents say of their spools and uplinks. One that does not say has no value. */
function spoolGauges(registry: Registry, { reader, nowMs }: MetricsDeps): Fill {
  const of = (name: string, help: string) => gauge(registry, name, help, ["agent", "site"]);
  const waiting = of("sambung_agent_backlog_rounds", "Rounds in the agent's spool when it last said.");
  const age = of("sambung_agent_backlog_age_seconds", "Age of the oldest of them by now; 0: none wait.");
  const sent = of("sambung_agent_sent_bytes", "Bytes on the wire since the agent's enrolment.");
  const month = of("sambung_agent_month_sent_bytes", "Bytes on the wire in this month, UTC.");
  const wrong = of("sambung_agent_ledger_inconsistent", "1: numbers of the agent's account could not be.");
  return async () => {
    for (const each of [waiting, age, sent, month, wrong]) each.reset();
    const now = nowMs();
    for (const { id: agent, site, kind, revokedMs, standing } of await reader.agents()) {
      if (revokedMs !== null || standing === null || kind === "telegraf") continue;
      const { backlog, sentBytes, isInconsistent } = standing;
      wrong.set({ agent, site }, isInconsistent ? 1 : 0);
      if (backlog !== null) {
        const { rounds, oldestMs, atMs } = backlog;
        waiting.set({ agent, site }, rounds);
        age.set({ agent, site }, rounds === 0 ? 0 : Math.max(0, (oldestMs ?? 0) + now - atMs) / 1000);
      }
      if (sentBytes === null) continue;
      sent.set({ agent, site }, sentBytes.total);
      const own = sentBytes.months.find((each) => each.month === monthOf(now));
      month.set({ agent, site }, own?.bytes ?? 0);
    }
  };
}

/** More messages than this are not counted: at that point the number no longer matters. */
const outboxCountLimit = 10_000;

function workGauges(registry: Registry, { reader, state }: MetricsDeps): Fill {
  const open = gauge(registry, "sambung_outages_open", "Outages that last, by cause.", ["cause"]);
  const pending = gauge(registry, "sambung_outbox_pending", "Messages not sent yet and not given up.", []);
  return async () => {
    const outages = (await reader.outages({ open: true })).filter(({ provisional }) => provisional !== true);
    for (const cause of causes) {
      open.set({ cause }, outages.filter((outage) => outage.cause === cause).length);
    }
    pending.set((await state.dueMessages(Number.MAX_SAFE_INTEGER, outboxCountLimit)).length);
  };
}
