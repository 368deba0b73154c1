import { cpSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { vi } from "vitest";
import { countRounds } from "#wire/batch-v1.ts";
import type { BatchV1 } from "#wire/batch-v1.ts";
import { decodeBody, findFrames } from "../../probes/spool/frame.ts";
import type { Spool } from "../../probes/spool/spool.ts";
import { createHandClock, icmp, openTestSpool, roundNames, tempFolder } from "./agent-parts.ts";
import { payload } from "./spool-parts.ts";

/*
 * Histories of a spool, drawn at random, and an account of them that is kept beside it: what was measured, what the
 * collector stored, what ends and damage took.
 */

/** What happens to one file: bits turned, or the end gone or zeros. Places as shares, so that they fit any file. */
type Harm =
  | { what: "flip"; file: number; at: number; bit: number }
  | { what: "cut" | "zeros"; file: number; at: number }
  | { what: "documents"; at: number; bit: number };

export type Deed =
  | { do: "measure"; rounds: number; target: string; isSteady: boolean }
  | { do: "note" }
  | { do: "wait" }
  | { do: "compose"; scope: "live" | "backlog"; maxRounds: number }
  | { do: "send"; which: number; fate: "answered" | "unanswered" | "lost" | "refused" }
  | { do: "retryAside" }
  | { do: "end"; how: "stop" | "failure" | "kill" | "power"; harms: Harm[]; isReboot: boolean };

const share = () => fc.integer({ min: 0, max: 9_999 }).map((parts) => parts / 10_000);
const bit = () => fc.integer({ min: 0, max: 7 });

const harm = (): fc.Arbitrary<Harm> =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ what: fc.constant("flip" as const), file: share(), at: share(), bit: bit() }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        what: fc.constantFrom("cut" as const, "zeros" as const),
        file: share(),
        at: share(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        what: fc.constant("documents" as const),
        at: share(),
        bit: bit(),
      }),
    },
  );

export const deedsOf = (ends: readonly ("stop" | "failure" | "kill" | "power")[]): fc.Arbitrary<Deed[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant("measure" as const),
          rounds: fc.oneof(
            { weight: 9, arbitrary: fc.integer({ min: 1, max: 20 }) },
            { weight: 1, arbitrary: fc.integer({ min: 100, max: 2_000 }) },
          ),
          target: fc.constantFrom("gw", "hub", "noc"),
          isSteady: fc.boolean(),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("note" as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const) }) },
      {
        weight: 5,
        arbitrary: fc.record({
          do: fc.constant("compose" as const),
          scope: fc.constantFrom("live" as const, "backlog" as const),
          maxRounds: fc.integer({ min: 1, max: 60 }),
        }),
      },
      {
        weight: 5,
        arbitrary: fc.record({
          do: fc.constant("send" as const),
          which: share(),
          fate: fc.constantFrom("answered", "answered", "answered", "unanswered", "lost", "refused"),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("retryAside" as const) }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant("end" as const),
          how: fc.constantFrom(...ends),
          harms: fc.oneof(
            fc.array(harm(), { maxLength: 0 }),
            fc.array(harm(), { minLength: 1, maxLength: 16 }),
          ),
          isReboot: fc.boolean(),
        }),
      },
    ),
    { minLength: 5, maxLength: 60, size: "max" },
  );

interface Measured {
  boot: string;
  hostBootId: string;
  target: string;
  monoMs: number;
  /** Not in a frame when the power was cut. */
  isForgotten: boolean;
  /** In frames of which nothing readable tells, and the notes in memory gone. */
  isUnknowable: boolean;
  /** Sent in a batch that no readable state knows of. */
  mayRepeat: boolean;
  stored: number;
}

export interface Outcome {
  measured: readonly Measured[];
  stored: number;
  ledger: { produced: number; thinned: number; lost: number };
  /** No state was left at a start, on the card or in memory: the agent goes on behind its reserve of seqs. */
  isReset: boolean;
  /** What does not hold, in words. */
  faults: string[];
}

const maxBytes = 100_000;
const spoolOf = (folder: string) => join(folder, "spool");

/** Does the deeds, sends all that there is, and compares. */
export function runHistory(deeds: readonly Deed[]): Outcome {
  using root = tempFolder();
  const clock = createHandClock();
  const measured = new Map<string, Measured>();
  const byTime = new Map<string, Measured>();
  const forgottenSeqs = new Set<number>();
  const order = new Map<string, Measured[]>();
  const collector = new Map<number, { batch: BatchV1; hostBootId: string }>();
  let isReset = false;
  let life = 1;
  let host = 1;
  let folder = join(root.path, "1");
  let spool = open();
  const bootName = () => `boot-${life}`;

  function open(): Spool {
    return openTestSpool(folder, clock, {
      boot: `boot-${life}`,
      hostBootId: `host-${host}`,
      maxBytes,
      maxBatchRounds: 50,
    });
  }

  function measure(rounds: number, target: string, isSteady: boolean): void {
    for (let i = 0; i < rounds; i++) {
      clock.advance(1_000);
      const monoMs = clock.monoMs();
      const isUp = isSteady || (monoMs / 1_000) % 2 < 1;
      spool.addRound({ target, monoMs, sample: icmp(1_000 + (monoMs % 997), isUp) });
      const round = {
        boot: bootName(),
        hostBootId: `host-${host}`,
        target,
        monoMs,
        isForgotten: false,
        isUnknowable: false,
        mayRepeat: false,
        stored: 0,
      };
      byTime.set(`${target}@${monoMs}`, round);
      measured.set(`${round.boot}/${target}@${monoMs}`, round);
      order.set(`${round.boot}/${target}`, [...(order.get(`${round.boot}/${target}`) ?? []), round]);
    }
  }

  function send(seq: number, fate: "answered" | "unanswered" | "lost" | "refused"): void {
    const batch = payload(spool, seq);
    if (fate === "lost") return;
    if (fate === "refused" && !collector.has(seq)) return spool.moveAside(seq, "no");
    const known = collector.get(seq)?.batch;
    if (known === undefined) collector.set(seq, { batch, hostBootId: batch.host.bootId });
    if (fate === "unanswered") return;
    const isSame =
      known === undefined || (known.boot === batch.boot && countRounds(known) === countRounds(batch));
    const names = roundNames([batch]);
    if (isSame) spool.acknowledge(seq);
    else if (!spool.seqWasUsed(seq, { boot: known.boot, rounds: countRounds(known) })) {
      spool.addEvent("batch.renumbered", { seq });
      return;
    }
    if (!forgottenSeqs.has(seq)) return;
    // A seq that nobody knew of was given again, and what is stored under it was taken for these rounds.
    for (const name of names) if (!isStored(name)) measured.get(name)!.isUnknowable = true;
  }

  function end({ how, harms, isReboot }: Extract<Deed, { do: "end" }>): void {
    const next = join(root.path, String(life + 1));
    if (how === "kill" || how === "power") cpSync(folder, next, { recursive: true });
    spool.close(how === "stop");
    if (how === "kill" || how === "power") folder = next;
    const files = globSync(join(spoolOf(folder), "*.log")).sort();
    const isPower = how === "power";
    if (isPower) {
      rmSync(join(folder, "crash-notes"), { force: true });
      forgetUnwritten(files);
    }
    const ordinals = isPower ? ordinalsOf(files) : [];
    const state = newestState(files);
    // Documents or their copies, as a card takes one of two: of neither there is nothing left to go on with.
    const reserve = life % 2 === 0 ? "reserve.copy.json" : "reserve.json";
    for (const one of harms) doHarm(one, join(spoolOf(folder), reserve), files);
    if (isPower) noteUnknowable(files, ordinals, newestState(files) < state);
    life++;
    if (isPower && isReboot) {
      host++;
      // No moment comes twice, so that it names its round.
      clock.mono = 5_000_000 + life;
    }
    clock.advance(3_000);
    spool = open();
  }

  function forgetUnwritten(files: readonly string[]): void {
    const written = new Set(ordinalsOf(files).flatMap(({ names }) => names));
    for (const [name, round] of measured)
      if (round.boot === bootName() && !written.has(`${round.target}@${round.monoMs}`) && !isStored(name))
        round.isForgotten = true;
  }

  const isStored = (name: string) =>
    [...collector.values()].some(({ batch }) => roundNames([batch]).includes(name));

  function ordinalsOf(files: readonly string[]): { through: number; names: string[] }[] {
    return files.flatMap((path) => {
      const bytes = readFileSync(path);
      return [...findFrames(bytes)].flatMap(({ head, offset, bytes: length, isWhole }) => {
        const body = isWhole ? decodeBody(bytes.subarray(offset, offset + length)) : null;
        if (body === null) return [];
        const names: string[] = [];
        for (const columns of body.rounds) {
          let atMs = 0;
          for (const [index, step] of columns.monoMs.entries()) {
            atMs += step;
            const merged = columns.merged?.[index] ?? 1;
            for (let n = 0; n < merged; n++) names.push(`${columns.target}@${atMs + 1_000 * n}`);
          }
        }
        const through = head.level === 0 ? head.roundsBefore + head.rounds : 0;
        return [{ through, names }];
      });
    });
  }

  /** The number of the frame with the newest state that can be read; 0: there is none. */
  const newestState = (files: readonly string[]) =>
    Math.max(
      0,
      ...files.flatMap((path) =>
        [...findFrames(readFileSync(path))]
          .filter(({ head, isWhole }) => isWhole && head.hasState)
          .map(({ head }) => head.number),
      ),
    );

  /** After a cut of the power: what nothing on the card tells of any more. */
  function noteUnknowable(
    files: readonly string[],
    before: readonly { through: number; names: string[] }[],
    isStateGone: boolean,
  ): void {
    let known = 0;
    let knownSeq = -1;
    for (const path of files) {
      for (const { head, isWhole } of findFrames(readFileSync(path))) {
        if (head.level === 0) known = Math.max(known, head.roundsBefore + head.rounds);
        if (isWhole && head.hasState) knownSeq = Math.max(knownSeq, head.lastSeq);
      }
    }
    isReset ||= knownSeq === -1;
    for (const [seq, { batch }] of collector) {
      if (seq <= knownSeq) continue;
      forgottenSeqs.add(seq);
      for (const name of roundNames([batch])) measured.get(name)!.mayRepeat = true;
    }
    // What the newest state alone knew: losses that it was yet to tell, and which batch held what went bad.
    const left = new Set(ordinalsOf(files).flatMap(({ names }) => names));
    for (const [name, round] of byTime) if (isStateGone && !left.has(name)) round.isUnknowable = true;
    for (const { through, names } of before)
      if (through > known) for (const name of names) byTime.get(name)!.isUnknowable = true;
  }

  const deedOf = {
    measure: (deed: Extract<Deed, { do: "measure" }>) => measure(deed.rounds, deed.target, deed.isSteady),
    note: () => spool.addEvent("clock.jump", {}),
    wait() {
      clock.advance(76_000);
      vi.advanceTimersByTime(76_000);
    },
    compose: ({ scope, maxRounds }: Extract<Deed, { do: "compose" }>) => void spool.compose(scope, maxRounds),
    send({ which, fate }: Extract<Deed, { do: "send" }>) {
      const seqs = spool.pending();
      if (seqs.length > 0) send(seqs[Math.floor(which * seqs.length)]!, fate);
    },
    retryAside: () => void spool.retryAside(),
    end,
  };
  for (const deed of deeds) (deedOf[deed.do] as (one: Deed) => void)(deed);

  // What comes to light with an answer enters the account with the batch after it.
  for (let turn = 0; turn < 3; turn++) {
    measure(1, "gw", false);
    spool.retryAside();
    spool.compose("live");
    for (let step = 0; spool.hasBacklog(); step++) {
      if (step > 20_000) throw new Error("the spool does not come to an end");
      for (const seq of spool.pending()) send(seq, "answered");
      spool.compose("backlog");
    }
  }
  spool.close(true);
  return { ...takeAccount(measured, order, collector), isReset };
}

function doHarm(harm: Harm, document: string, logs: readonly string[]): void {
  const path = harm.what === "documents" ? document : logs[Math.floor(harm.file * logs.length)];
  if (path === undefined || !existsSync(path)) return;
  const bytes = readFileSync(path);
  if (bytes.length === 0) return;
  const at = Math.floor(harm.at * bytes.length);
  if (harm.what === "cut") writeFileSync(path, bytes.subarray(0, at));
  else if (harm.what === "zeros") writeFileSync(path, bytes.fill(0, at));
  else if (harm.what === "flip" || harm.what === "documents") {
    bytes[at]! ^= 1 << harm.bit;
    writeFileSync(path, bytes);
  }
}

function takeAccount(
  measured: ReadonlyMap<string, Measured>,
  order: ReadonlyMap<string, readonly Measured[]>,
  collector: ReadonlyMap<number, { batch: BatchV1; hostBootId: string }>,
): Omit<Outcome, "isReset"> {
  const faults: string[] = [];
  let stored = 0;
  for (const { batch } of collector.values()) {
    for (const columns of batch.rounds) {
      let atMs = 0;
      for (const [index, step] of columns.monoMs.entries()) {
        atMs += step;
        stored++;
        const merged = columns.merged?.[index] ?? 1;
        const own = order.get(`${batch.boot}/${columns.target}`) ?? [];
        const from = own.findIndex(({ monoMs }) => monoMs === atMs);
        if (from === -1) faults.push(`stranger ${batch.boot}/${columns.target}@${atMs} in ${batch.seq}`);
        else for (const round of own.slice(from, from + merged)) round.stored++;
      }
    }
  }
  const last = [...collector.values()].reduce((a, b) => (b.batch.seq > a.batch.seq ? b : a)).batch;
  const { produced, thinned, lost } = last.ledger;
  const all = [...measured.values()];
  for (const round of all)
    if (round.stored > 1 && !round.mayRepeat) faults.push(`stored ${round.stored} times: ${nameOf(round)}`);
  const seqs = [...collector.keys()];
  if (seqs.length !== last.seq) faults.push(`${last.seq - seqs.length} seqs are missing`);
  if (produced !== stored + thinned + lost)
    faults.push(`produced ${produced}, stored ${stored}, thinned ${thinned}, lost ${lost}`);
  const missing = all.filter((round) => round.stored === 0 && !round.isForgotten);
  const certain = missing.filter(({ isUnknowable }) => !isUnknowable);
  if (lost < certain.length || lost > missing.length + all.filter(({ mayRepeat }) => mayRepeat).length)
    faults.push(
      `lost ${lost}, missing ${missing.length}, of them unknowable ${missing.length - certain.length}`,
    );
  const ranges = [...collector.values()].flatMap(({ batch, hostBootId }) =>
    batch.events
      .filter(({ type }) => type === "spool.lost")
      .map(({ detail }) => ({
        hostBootId,
        from: detail["fromMonoMs"] ?? null,
        to: detail["toMonoMs"] ?? null,
      })),
  );
  for (const { from, to } of ranges)
    if (from !== null && to !== null && Number(from) > Number(to)) faults.push(`inverted ${from} to ${to}`);
  const uncovered = certain.filter(
    (round) =>
      !ranges.some(
        ({ hostBootId, from, to }) =>
          (from === null && to === null) ||
          (hostBootId === round.hostBootId &&
            round.monoMs >= Number(from ?? Number.NEGATIVE_INFINITY) &&
            round.monoMs <= Number(to ?? Number.POSITIVE_INFINITY)),
      ),
  );
  if (uncovered.length > 0)
    faults.push(
      `${uncovered.length} not declared: ${uncovered.slice(0, 3).map(nameOf).join(", ")}; declared ${JSON.stringify(ranges)}`,
    );
  return { measured: all, stored, ledger: { produced, thinned, lost }, faults };
}

const nameOf = ({ boot, target, monoMs }: Measured) => `${boot}/${target}@${monoMs}`;
