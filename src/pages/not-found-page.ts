import { html } from "hono/html";
import { layout } from "./layout.ts";
import type { Html, PageContext } from "./page-context.ts";

/** `code`: the site that was asked for; null: some other address. */
export function notFoundPage(page: PageContext, code: string | null): Html {
  const t = page.t.notFound;
  return layout(page, {
    title: t.title,
    area: "",
    refreshS: null,
    body: html`<section class="answer">
      <h1>${t.title}</h1>
      <p>${code === null ? t.page : t.site(code)}</p>
      <p><a href="${page.href("/")}">${t.back}</a></p>
    </section>`,
  });
}
