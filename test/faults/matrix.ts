/** What was done at a site, or to the service as seen from it, and what the outage table should say of that. */
export interface Told {
  label: string;
  site: string;
  service: string | null;
  /** A cause, with the phase behind a colon for a service · `agent`: no outage, its agent silent · `none`: nothing. */
  expected: string;
  said: string;
}

export interface OutageRow {
  site: string;
  service: string | null;
  start: string;
  end: string | null;
  cause: string;
  root: string;
  evidence: { fact: string; detail: Record<string, unknown> }[];
}

/** A change point of a site's state. */
export interface StateRow {
  time: string;
  site: string;
  state: string;
  cause: string | null;
}

export interface Span {
  startMs: number;
  endMs: number;
}

/** The outage of the site, or of the service from it, that covers most of the span, if it covers half of it. */
export function rowFor<R extends Pick<OutageRow, "site" | "service" | "start" | "end">>(
  rows: readonly R[],
  { site, service }: Pick<Told, "site" | "service">,
  span: Span,
): R | undefined {
  const own = rows.filter((row) => row.site === site && row.service === service);
  const best = own.toSorted((a, b) => shared(b, span) - shared(a, span))[0];
  return best !== undefined && shared(best, span) * 2 >= span.endMs - span.startMs ? best : undefined;
}

/** How long the row and the span overlap, ms; below zero when they do not. */
export function shared({ start, end }: Pick<OutageRow, "start" | "end">, { startMs, endMs }: Span): number {
  return Math.min(end === null ? Infinity : Date.parse(end), endMs) - Math.max(Date.parse(start), startMs);
}

/** In the words of `Told.said`. */
export function sayOf(
  rows: readonly OutageRow[],
  states: readonly StateRow[],
  place: Pick<Told, "site" | "service">,
  span: Span,
): string {
  const row = rowFor(rows, place, span);
  if (row !== undefined) {
    const phase = row.evidence.find(({ fact }) => fact === "service.phase")?.detail["phase"];
    return typeof phase === "string" ? `${row.cause}:${phase}` : row.cause;
  }
  const own = states.filter(({ site }) => site === place.site);
  const isSilent = own.some(
    ({ time, state, cause }, index) =>
      state === "up" &&
      cause === "agent" &&
      Date.parse(time) < span.endMs &&
      Date.parse(own[index + 1]?.time ?? time) > span.startMs,
  );
  return place.service === null && isSilent ? "agent" : "none";
}

/** A line for each label, a column for each thing that was said; how often. */
export function formatMatrix(told: readonly Told[]): string {
  const said = [...new Set(told.flatMap(({ expected, said: word }) => [expected, word]))];
  const lines = [...Map.groupBy(told, ({ label, expected }) => `${label} (${expected})`)].map(
    ([name, rows]) => [
      name,
      ...said.map((word) => String(rows.filter((row) => row.said === word).length || "·")),
    ],
  );
  const table = [["injected (expected)", ...said], ...lines];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((line) => line[column]!.length)));
  return table.map((line) => line.map((cell, column) => cell.padEnd(widths[column]!)).join("  ")).join("\n");
}
