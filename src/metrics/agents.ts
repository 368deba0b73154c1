import type { Reader } from "../report/reader.ts";
import { monthOf } from "../state/month.ts";
import type { Standing } from "../state/state-store.ts";
import type { DefineGauge, Meter } from "./meter.ts";

type Of = Record<"agent" | "site", string>;
const labels = ["agent", "site"] as const;

/**
 * Agents of sites of the inventory; of those that were revoked, or whose site was taken out, there is nothing to watch.
 * Telegraf numbers nothing and has no account.
 */
export function addAgents(meter: Meter, reader: Reader, nowMs: () => number): void {
  meter.part("agents", (gauge) => {
    const info = gauge("sambung_agent_info", "1; the agent's program.", [...labels, "kind", "version"]);
    const seen = gauge(
      "sambung_agent_last_seen_timestamp_seconds",
      "Arrival of the agent's last batch.",
      labels,
    );
    const fillAccount = accountGauges(gauge);
    const fillSpool = spoolGauges(gauge, nowMs);
    return async () => {
      const sites = new Set((await reader.sites()).map(({ code }) => code));
      for (const { id, site, kind, version, revokedMs, lastSeenMs, standing } of await reader.agents()) {
        if (revokedMs !== null || !sites.has(site)) continue;
        const of = { agent: id, site };
        info.set({ ...of, kind, version }, 1);
        if (lastSeenMs !== null) seen.set(of, lastSeenMs / 1000);
        if (standing === null || kind === "telegraf") continue;
        fillAccount(of, standing);
        fillSpool(of, standing);
      }
    };
  });
}

function accountGauges(gauge: DefineGauge) {
  const rounds = gauge(
    "sambung_agent_ledger_rounds",
    "The agent's account: produced = stored + thinned + lost + open.",
    [...labels, "state"],
  );
  const wrong = gauge(
    "sambung_agent_ledger_inconsistent",
    "1: numbers of the agent's account could not be.",
    labels,
  );
  return (of: Of, standing: Standing) => {
    rounds.set({ ...of, state: "produced" }, standing.producedRounds);
    rounds.set({ ...of, state: "stored" }, standing.storedRounds);
    rounds.set({ ...of, state: "thinned" }, standing.thinnedRounds);
    rounds.set({ ...of, state: "lost" }, standing.lostRounds);
    rounds.set({ ...of, state: "open" }, standing.openRounds);
    wrong.set(of, standing.isInconsistent ? 1 : 0);
  };
}

/** What agents say of their spools, uplinks and clocks. One that does not say has no value. */
function spoolGauges(gauge: DefineGauge, nowMs: () => number) {
  const one = (name: string, help: string) => gauge(name, help, labels);
  const waiting = one("sambung_agent_backlog_rounds", "Rounds in the agent's spool when it last said.");
  const age = one("sambung_agent_backlog_age_seconds", "Age of the oldest of them by now; 0: none wait.");
  const sent = one("sambung_agent_sent_bytes", "Bytes on the wire since the agent's enrolment.");
  const month = one("sambung_agent_month_sent_bytes", "Bytes on the wire in this month, UTC.");
  const clock = one(
    "sambung_agent_clock_uncertainty_seconds",
    "How wrong the times of the agent's present boot may be.",
  );
  return (of: Of, { backlog, sentBytes, clockUncertaintyMs }: Standing) => {
    const now = nowMs();
    if (clockUncertaintyMs !== null) clock.set(of, clockUncertaintyMs / 1000);
    if (backlog !== null) {
      const { rounds, oldestMs, atMs } = backlog;
      waiting.set(of, rounds);
      age.set(of, rounds === 0 ? 0 : Math.max(0, (oldestMs ?? 0) + now - atMs) / 1000);
    }
    if (sentBytes === null) return;
    sent.set(of, sentBytes.total);
    month.set(of, sentBytes.months.find((each) => each.month === monthOf(now))?.bytes ?? 0);
  };
}
