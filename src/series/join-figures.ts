import type { Figures, ObjectFigures, Step } from "./figures.ts";
import { latestOf } from "./last-read.ts";
import { joinSpreads } from "./sketch.ts";

/** The figures of all of them together, the same in whatever order they come. At least one, all of one kind. */
export function joinFigures(parts: readonly Figures[]): Figures {
  if (parts.length === 1) return parts[0]!;
  const sum = (name: "made" | "good" | "sent" | "received") =>
    parts.reduce((total, part) => total + part[name], 0);
  const cert = latestOf(parts.map(({ certExpiresS: value, certAtS: atS }) => ({ value, atS })));
  const runs = parts.flatMap(({ lossRun }) => lossRun ?? []);
  return {
    made: sum("made"),
    good: sum("good"),
    sent: sum("sent"),
    received: sum("received"),
    lossRun: runs.length === 0 ? null : runs.reduce((a, b) => Math.max(a, b)),
    certExpiresS: cert.value,
    certAtS: cert.atS,
    times: joinEach(
      parts.map(({ times }) => times),
      joinSpreads,
    ),
    objects: joinEach(
      parts.map(({ objects }) => objects),
      joinObjects,
    ),
  };
}

function joinEach<T>(
  parts: readonly Readonly<Record<string, T>>[],
  join: (parts: readonly T[]) => T,
): Record<string, T> {
  const names = new Set(parts.flatMap((part) => Object.keys(part)));
  return Object.fromEntries(
    [...names].map((name) => [name, join(parts.flatMap((part) => part[name] ?? []))]),
  );
}

function joinObjects(parts: readonly ObjectFigures[]): ObjectFigures {
  const { value, atS } = latestOf(parts.map(({ last, lastAtS }) => ({ value: last, atS: lastAtS })));
  return {
    last: value,
    lastAtS: atS,
    rise: parts.reduce((sum, { rise }) => sum + rise, 0),
    overMs: parts.reduce((sum, { overMs }) => sum + overMs, 0),
  };
}

/** Steps of a finer grid as those of a coarser one, of which it is a divisor, ascending; theirs may be in any order. */
export function coarsen(steps: Iterable<Step>, stepMs: number): Step[] {
  const all = [...steps];
  if (all.every(({ startMs }, at) => startMs % stepMs === 0 && (at === 0 || startMs > all[at - 1]!.startMs)))
    return all;
  const parts = Map.groupBy(all, ({ startMs }) => Math.floor(startMs / stepMs) * stepMs);
  return [...parts]
    .sort(([a], [b]) => a - b)
    .map(([startMs, own]) => ({ startMs, figures: joinFigures(own.map(({ figures }) => figures)) }));
}
