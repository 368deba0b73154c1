import type { Reader, TimeRange } from "../report/reader.ts";

/** Of a round of a service only whether it was made and passed is asked. */
const metric = "up_ratio";

/**
 * Whether the service was checked in the range and no check passed. Until a service has answered for the first time nothing
 * is said of it, so that such a month has no measured time either; but "nobody asked" would be wrong. The first place that
 * asked is enough: had another one been answered, there would be measured time.
 */
export async function wasNeverAnswered(
  reader: Pick<Reader, "targets" | "series">,
  service: string,
  sites: readonly string[],
  range: TimeRange,
): Promise<boolean> {
  const checks = reader.targets(sites).filter((target) => target.service === service);
  const pages = checks.filter(({ kind }) => kind === "http");
  // As in outage/services.ts: a name that is found is not yet a page that opens.
  for (const { key } of pages.length > 0 ? pages : checks) {
    const stepMs = Math.max(1, range.toMs - range.fromMs);
    const { rows } = await reader.series({ ...range, targets: [key], metrics: [metric], stepMs, maxRows: 2 });
    const ratios = rows.flatMap(({ values }) => values[metric] ?? []);
    if (ratios.length > 0) return ratios.every((ratio) => ratio === 0);
  }
  return false;
}
