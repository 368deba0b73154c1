import { html } from "hono/html";
import type { Html } from "./page-context.ts";

export interface Bar {
  label: string;
  /** Where the label leads; null: nowhere. */
  href: string | null;
  value: number;
  /** The value in words. */
  told: string;
  /** Of all bars together, in words. */
  share: string;
  /** Colour of the style sheet: a state's, or `band`. */
  kind: string;
}

/** Bars of one measure, each with its figure in words beside it: the picture only repeats them. */
export function barTable(caption: string, bars: readonly Bar[]): Html {
  const widest = Math.max(...bars.map(({ value }) => value), 1);
  return html`<table class="bars">
    <caption class="hidden">
      ${caption}
    </caption>
    <tbody>
      ${bars.map((bar) => {
        const width = Math.max(0.5, (bar.value / widest) * 100).toFixed(2);
        return html`<tr>
          <th scope="row">${bar.href === null ? bar.label : html`<a href="${bar.href}">${bar.label}</a>`}</th>
          <td class="pic">
            <svg width="100%" height="14" aria-hidden="true">
              <rect class="${bar.kind}" width="${width}%" height="14" rx="2" />
            </svg>
          </td>
          <td>${bar.told} <small class="soft">${bar.share}</small></td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}
