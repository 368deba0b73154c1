import { html } from "hono/html";
import { createRelationWords } from "../report/relation-words.ts";
import type { ReachData } from "./gather-reach.ts";
import type { Html, PageContext } from "./page-context.ts";
import { reachTexts } from "./reach-texts.ts";

/** Caveats in view; all of them are in the API. The first is the one that a reader must not miss. */
const shownCaveats = 3;

/** What may be said in general, in one sentence, with what it does not mean. Kept apart from the account of the month. */
export function relationSection(page: PageContext, { relation, whole }: ReachData): Html | string {
  const t = reachTexts[page.language];
  if (whole === null) return "";
  if (relation === null)
    return html`<section>
      <h2>${t.relation}</h2>
      <p class="soft">${t.relationPending}</p>
    </section>`;
  const { association } = relation;
  const words = createRelationWords(page.language);
  const { fromMs, toMs } = association.made;
  const needs = association.needs.map((need) => words.need(need));
  const caveats = association.caveats.map((caveat) => words.caveat(caveat)).slice(0, shownCaveats);
  return html`<section>
    <h2>${t.relation}</h2>
    <p>${words.verdict(association.verdict, association.exposure)}</p>
    ${needs.length === 0 ? "" : html`<p class="soft">${page.t.list(needs)}.</p>`}
    ${
      association.verdict === "not-enough-data" || caveats.length === 0
        ? ""
        : html`<ul class="facts">
            ${caveats.map((caveat) => html`<li>${caveat}</li>`)}
          </ul>`
    }
    <p class="note">${t.relationSpan(page.format.date(fromMs), page.format.date(toMs - 1))}</p>
  </section>`;
}
