import { isIP } from "node:net";
import type { Unsent } from "#wire/rounds-v1.ts";
import type { IcmpTarget } from "#wire/targets-v1.ts";
import { addressMistake } from "./address.ts";
import { createClockStep } from "./clock-step.ts";
import { createCrews } from "./crews.ts";
import type { IcmpEngine, IcmpEngineDeps } from "./engine.ts";
import type { Entry } from "./entry.ts";
import type { LaneRound } from "./lane.ts";
import { createLookUps } from "./look-ups.ts";
import { planEchoes } from "./plan.ts";
import type { Pace } from "./plan.ts";
import { notMeasured } from "./sample.ts";

/*
 * Many targets by few long-lived fpings. The echoes of a round are spread evenly over its interval, so a round is the
 * next `count` echoes of its target, and it is told when the outcome of the last is known.
 *
 * Sent, lost, not measured:
 * - fping prints an outcome for each echo that it sent. A reply after timeoutMs is none, and a host that a router or the
 *   own kernel (no answer to ARP) calls unreachable is lost: its echo was sent as far as anyone knows.
 * - Of an echo that it could not send fping prints nothing. It is missing in the numbers, or nothing comes at all until
 *   it is overdue by our own clock. Then the kernel is asked: without a way to the address the reason is known, else the
 *   machine may only be busy, and the outcome is waited for a while longer.
 * - While a name does not resolve or no fping runs, each interval gives a round with nothing sent and the reason.
 *
 * fping reads its targets once. A change starts those fpings anew that are concerned, one after another; the rounds
 * under way in them are given up, and a fresh one begins at once.
 */

const sweepEveryMs = 1_000;
/** A sweep later than this was held up: lines may wait unread, so what seems overdue is not yet judged. */
const heldUpMs = 1_500;
/** After this the machine stood still (suspended, or a stopped process): fping would send all that it missed. */
const stoodStillMs = 10_000;
const lookUpEveryMs = 300_000;
/** A silent target's name is looked up again at most this often. */
const lookUpAgainMs = 10_000;

/** Measures ICMP targets with fping, 5.0 or later; see findFping(). */
export function createFpingEngine(deps: IcmpEngineDeps): IcmpEngine {
  const { clock, log, onBroken, random = Math.random } = deps;
  const entries = new Map<string, Entry>();
  const told = new Map<string, string>();
  const clockStep = createClockStep(clock);
  const lookUps = createLookUps(deps.resolve);
  let sweepTimer: NodeJS.Timeout | undefined;
  let sweptMs = clock.monoMs();
  let isStopped = false;

  const isCurrent = (entry: Entry) => !isStopped && entries.get(entry.target.id) === entry;

  const crews = createCrews({
    clock,
    log,
    random,
    command: deps.command ?? "fping",
    onBroken: (entry, error) => onBroken(entry.target, error),
    onRound: report,
    mayRead: () => !isClockSet(),
  });

  function report(entry: Entry, round: LaneRound, unsent: Unsent | null): void {
    if (!isCurrent(entry)) return;
    const { startMs, sent, rttUs, lossRun } = round;
    deps.onRound(entry.target, startMs, { kind: "icmp", sent, recv: rttUs.length, rttUs, unsent, lossRun });
    // Silence may be the sign of an address that has moved.
    if (rttUs.length > 0 || entry.lookUpMs === Infinity) return;
    entry.lookUpMs = Math.min(entry.lookUpMs, clock.monoMs() + lookUpAgainMs);
  }

  function isClockSet(): boolean {
    const movedMs = clockStep();
    if (movedMs === 0) return false;
    log.info({ movedMs }, "the wall clock was set: fping is started anew");
    crews.restartAll();
    return true;
  }

  function sweep(): void {
    const nowMs = clock.monoMs();
    const lateMs = nowMs - sweptMs - sweepEveryMs;
    sweptMs = nowMs;
    if (lateMs > stoodStillMs) {
      log.info({ lateMs }, "the machine stood still: fping is started anew");
      crews.restartAll();
    }
    if (!isClockSet() && lateMs < heldUpMs) crews.sweep(nowMs);
    for (const entry of entries.values()) {
      if (entry.lookUpMs <= nowMs) void lookUp(entry, nowMs);
      if (entry.idle !== null && entry.idle.nextMs <= nowMs) tellIdle(entry, entry.idle, nowMs);
    }
  }

  function tellIdle(entry: Entry, idle: NonNullable<Entry["idle"]>, nowMs: number): void {
    const dueMs = Math.round(idle.nextMs);
    idle.nextMs += entry.pace.intervalMs * Math.ceil((nowMs - idle.nextMs + 1) / entry.pace.intervalMs);
    if (idle.why === "name") void lookUp(entry, dueMs);
    else deps.onRound(entry.target, dueMs, notMeasured(idle.why));
  }

  /** Resolves the name of a target. While it has no address, each failure is a round of its own, begun at `atMs`. */
  async function lookUp(entry: Entry, atMs: number): Promise<void> {
    if (entry.lookUpMs === Infinity) return;
    entry.lookUpMs = Infinity;
    try {
      const found = await lookUps.ask(entry);
      if (!isCurrent(entry)) return;
      if (found !== null && found.address !== entry.address?.address) {
        crews.move(entry, found);
      } else if (entry.address === null) {
        entry.idle ??= { why: "name", nextMs: atMs + entry.pace.intervalMs };
        deps.onRound(entry.target, atMs, notMeasured("name"));
      }
    } catch (error) {
      if (isCurrent(entry)) onBroken(entry.target, error);
    } finally {
      entry.lookUpMs = clock.monoMs() + lookUpEveryMs * (0.9 + random() / 5);
    }
  }

  /** Tells a mistake or a limit of a target once, for as long as it is the same. */
  function tellOnce(target: IcmpTarget, message: string): void {
    if (told.get(target.id) === message) return;
    told.set(target.id, message);
    log.warn({ target: target.id }, message);
    onBroken(target, new Error(message));
  }

  function refuse(target: IcmpTarget): boolean {
    const mistake = addressMistake(target);
    if (mistake !== null) tellOnce(target, mistake);
    return mistake !== null;
  }

  function createEntry(target: IcmpTarget, pace: Pace, text: string): Entry {
    const family = isIP(target.address) as 0 | 4 | 6;
    const entry: Entry = {
      target,
      pace,
      text,
      named: family === 0,
      address: family === 0 ? null : { address: target.address, family },
      crew: null,
      idle: null,
      lookUpMs: family === 0 ? 0 : Infinity,
    };
    return entry;
  }

  return {
    update(targets) {
      const accepted = targets.filter((target) => !refuse(target));
      const paces = planEchoes(accepted);
      const wanted = new Map(accepted.map((target, i) => [target.id, JSON.stringify([target, paces[i]])]));
      for (const entry of entries.values()) {
        if (wanted.get(entry.target.id) === entry.text) continue;
        entries.delete(entry.target.id);
        crews.leave(entry);
      }
      for (const [index, target] of accepted.entries()) {
        const pace = paces[index]!;
        const limits = pace.limits.map(
          ({ field, asked, given, why }) => `${field} ${asked} is limited to ${given}: ${why}`,
        );
        if (limits.length > 0) tellOnce(target, `target ${target.id}: ${limits.join("; ")}`);
        else told.delete(target.id);
        if (entries.has(target.id)) continue;
        const entry = createEntry(target, pace, wanted.get(target.id)!);
        entries.set(target.id, entry);
        if (entry.named) void lookUp(entry, clock.monoMs());
      }
      crews.place(entries.values());
      sweepTimer ??= setInterval(() => {
        // After this turn of the loop has read what the pipes hold.
        setImmediate(() => !isStopped && sweep());
      }, sweepEveryMs);
    },
    async stop() {
      isStopped = true;
      clearInterval(sweepTimer);
      lookUps.stop();
      await crews.stop();
    },
  };
}
