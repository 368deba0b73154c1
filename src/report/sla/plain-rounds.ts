import type { Rounds } from "../../series/series-store.ts";

/** Of the rounds of a target when each began and whether anything came back: what an outage rests on. In columns. */
export interface PlainRounds {
  key: string;
  kind: Rounds["kind"];
  /** Epoch ms, ascending. */
  timeMs: number[];
  /** ICMP. */
  sent?: number[];
  recv?: number[];
  /** Everything else: 1 passed, 0 did not. */
  ok?: number[];
  merged?: number[];
  spanMs?: number[];
}

export function toPlainRounds(rounds: Rounds): PlainRounds {
  const { key, kind, timeMs, merged, spanMs } = rounds;
  return {
    key,
    kind,
    timeMs,
    ...(rounds.kind === "icmp" ? { sent: rounds.sent, recv: rounds.recv } : { ok: rounds.ok.map(Number) }),
    ...(merged === undefined ? {} : { merged: [...merged] }),
    ...(spanMs === undefined ? {} : { spanMs: [...spanMs] }),
  };
}

const columns = ["timeMs", "sent", "recv", "ok", "merged", "spanMs"] as const;

/** The rounds whose begin `isMeant`. */
export function pickRounds(rounds: PlainRounds, isMeant: (timeMs: number) => boolean): PlainRounds {
  const at = rounds.timeMs.flatMap((ms, index) => (isMeant(ms) ? [index] : []));
  const picked = columns.flatMap((column) => {
    const values = rounds[column];
    return values === undefined ? [] : [[column, at.map((index) => values[index]!)] as const];
  });
  return { key: rounds.key, kind: rounds.kind, timeMs: [], ...Object.fromEntries(picked) };
}

/** Rounds of one target and kind one after another. */
export function joinRounds(parts: readonly PlainRounds[]): PlainRounds[] {
  const groups = Map.groupBy(parts, ({ key, kind }) => `${key} ${kind}`);
  return [...groups.values()].map((group) => {
    const inOrder = group
      .filter(({ timeMs }) => timeMs.length > 0)
      .toSorted((a, b) => a.timeMs[0]! - b.timeMs[0]!);
    const [first] = group;
    const joined = columns.flatMap((column) =>
      inOrder.some((part) => part[column] !== undefined)
        ? [
            [
              column,
              inOrder.flatMap((part) => part[column] ?? part.timeMs.map(() => missing[column])),
            ] as const,
          ]
        : [],
    );
    return { key: first!.key, kind: first!.kind, timeMs: [], ...Object.fromEntries(joined) };
  });
}

/** What a part without the column says by leaving it out. */
const missing = { timeMs: 0, sent: 0, recv: 0, ok: 0, merged: 1, spanMs: 0 } as const;
