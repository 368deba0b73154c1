import { html } from "hono/html";
import type { Cause, Confidence, SiteState } from "../outage/table.ts";
import type { Standing } from "./district-summary.ts";
import type { Html, PageContext } from "./page-context.ts";

/**
 * The sign of a state: a shape of its own for each, drawn by the style sheet, always beside the word. An empty element,
 * of which screen readers say nothing: they read the word.
 */
export function mark(state: SiteState | Standing): Html {
  return html`<i class="m ${state}"></i>`;
}

export function stateBadge(page: PageContext, state: SiteState): Html {
  return html`<b class="s ${state}">${mark(state)} ${page.state(state)}</b>`;
}

/** "sejak 09.10 WITA". */
export function sinceText(page: PageContext, sinceMs: number | null): string {
  return sinceMs === null ? page.t.neverAnswered : page.t.since(page.format.moment(sinceMs, page.nowMs));
}

/** "Dugaan penyebab: pemadaman listrik"; a cause that is not certain is never shown as a fact. */
export function causeText(
  page: PageContext,
  cause: Cause,
  confidence: Confidence | null,
  state?: SiteState,
): string {
  if (cause === "unknown") return page.t.causeUnknown;
  // Why something is slow is never proven.
  const isSure = state !== "degraded" && (confidence === "high" || confidence === null);
  return `${isSure ? page.t.cause : page.t.suspectedCause}: ${page.cause(cause, state)}`;
}
