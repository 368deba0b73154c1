import type { createApi } from "../app/collector.ts";
import { targetIds } from "./rounds.ts";

export interface Ledger {
  producedRounds: number;
  storedRounds: number;
  thinnedRounds: number;
  lostRounds: number;
  openRounds: number;
}

interface SmokeRow {
  time: string;
  target: string;
  sent: number;
}

/** What the collector shows of an agent's rounds, asked for over the API as Grafana asks. */
export interface Delivery {
  ledger(): Promise<Ledger>;
  /** Whether a round of every target is shown that began after this moment. */
  liveSince(fromMs: number): Promise<boolean>;
  /** Whether a check of this target passed after this moment. */
  passedSince(id: string, fromMs: number): Promise<boolean>;
  /** Echo requests of all targets in a range. */
  echoes(fromMs: number, toMs: number): Promise<number>;
}

export function createDelivery(api: ReturnType<typeof createApi>, agentId: string, site: string): Delivery {
  const keys = targetIds.map((id) => `${site}/${id}`);
  const smoke = (targets: readonly string[], fromMs: number, toMs: number, step: string) =>
    api.data<SmokeRow[]>(
      `/smoke?target=${targets.join(",")}&from=${Math.round(fromMs)}&to=${Math.round(toMs)}&step=${step}`,
    );
  return {
    ledger: () => api.data<Ledger>(`/agents/${agentId}/ledger`),
    async liveSince(fromMs) {
      const rows = await smoke(keys, fromMs, Date.now() + 1_000, "1m");
      const seen = new Set(rows.filter(({ sent }) => sent > 0).map(({ target }) => target));
      return seen.size === keys.length;
    },
    async passedSince(id, fromMs) {
      const rows = await api.data<{ up_ratio: number | null }[]>(
        `/series?target=${site}/${id}&metric=up_ratio&step=1m&from=${fromMs}&to=${Date.now() + 1_000}`,
      );
      return rows.some((row) => (row.up_ratio ?? 0) > 0);
    },
    async echoes(fromMs, toMs) {
      let sum = 0;
      for (const key of keys) {
        const rows = await smoke([key], fromMs, toMs, "1h");
        sum += rows.reduce((total, { sent }) => total + sent, 0);
      }
      return sum;
    },
  };
}
