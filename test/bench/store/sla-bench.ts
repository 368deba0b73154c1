import { monthSpan } from "../../../src/inventory/local-time.ts";
import { createPlace } from "../../../src/report/create-reader.ts";
import { computeSla } from "../../../src/report/sla/compute-sla.ts";
import { drawYear, minuteMs, minutes, startMs } from "../../report/sla/year.ts";
import { openVillages } from "../../report/sla/sla-world.ts";
import { quantile, rowOf } from "../table.ts";
import type { Row } from "../table.ts";

const linkCount = 160;
/** Years that differ in their contracts' rules, and in what happened. */
const drawnYears = 18;
const runs = 20;
const months = Array.from({ length: 12 }, (_, month) => `2028-${String(month + 1).padStart(2, "0")}`);

/**
 * What the SLA costs: a link's year as it is computed, and a month of all links over the HTTP surface. It is made of states and
 * outages, which are in SQLite whichever engine has the rounds.
 */
export async function benchSla(): Promise<Row[]> {
  const villages = Array.from({ length: linkCount }, (_, index) => {
    const site = `64.08.0${1 + (index % 2)}.${2001 + Math.floor(index / 2)}`;
    return { site, link: `${site}-1`, year: drawYear(index % drawnYears), hasSecond: false };
  });
  using http = await openVillages(villages);
  const place = createPlace(() => http.held.inventory)();
  const links = place.tree.linksOf(villages[0]!.site);
  const year = await timed(async () => {
    const common = { links, nowMs: startMs + minutes * minuteMs, provenMs: new Map<string, number>() };
    for (const month of months) {
      const span = monthSpan(month, "Asia/Makassar")!;
      const [found] = await computeSla(http.state, place, { ...common, month: span, asOfMs: undefined });
      if (found!.sla.counts.serviceMs === 0) throw new Error(`${month}: nothing was promised`);
    }
  });
  const month = await timed(async () => {
    // An answer is given again for a minute.
    http.clock.ms += 60_000;
    const { data } = await http.get(`/api/v1/sla?period=${months[5]}&by=link`);
    if (data.length < linkCount) throw new Error(`${data.length} links`);
  });
  const rows = (what: string, tookMs: readonly number[], mark?: { atMost: number }) =>
    [0.5, 0.95].map((share) =>
      rowOf(`${what}, p${100 * share}: any engine`, quantile(tookMs, share), "ms of CPU", mark),
    );
  return [
    ...rows("a year of SLA of a link, month by month", year, { atMost: 300 }),
    ...rows(`a month of SLA of ${linkCount} links`, month),
  ];
}

/** CPU time, since others use the machine as well; the wall clock of a machine of one's own. */
async function timed(work: () => Promise<void>): Promise<number[]> {
  const tookMs: number[] = [];
  for (let run = 0; run < runs; run++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    tookMs.push((user + system) / 1000);
  }
  return tookMs;
}
