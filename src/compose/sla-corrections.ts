import type { SlaBook } from "../report/sla/create-sla-book.ts";
import type { IssueStanding } from "../watch/correction-readings.ts";
import type { StateStore } from "../state/state-store.ts";
import { createPace } from "./pace.ts";
import type { PaceOptions } from "./pace.ts";

export interface SlaCorrectionsDeps extends PaceOptions {
  sla: Pick<SlaBook, "month" | "issues">;
  state: Pick<StateStore, "openConditions">;
}

/**
 * So many of the issued months are looked at, the latest ones: each is accounted for anew. One of which an alert is open is looked at
 * until that is over, however old.
 */
const mostMonths = 3;

/** Whether issued months still say what is known; most of the time there is no answer, as of budgets. */
export function createSlaCorrections({ sla, state, ...pace }: SlaCorrectionsDeps) {
  const isDue = createPace(pace);
  return async (nowMs: number): Promise<IssueStanding[]> => {
    if (!isDue(nowMs)) return [];
    const open = new Set((await state.openConditions()).filter(isOfIssue).map(({ subject }) => subject));
    const byMonth = [...Map.groupBy(await sla.issues(), ({ month }) => month)];
    const isMeant = ([, heads]: (typeof byMonth)[number], index: number) =>
      index >= byMonth.length - mostMonths || heads.some(({ number }) => open.has(number));
    const standings: IssueStanding[] = [];
    for (const [month, heads] of byMonth.filter(isMeant)) {
      const pending = (await sla.month(month, true))?.pending ?? [];
      const last = heads.at(-1)!;
      for (const head of heads) {
        // One that a correction has taken the place of needs none.
        const links = head === last ? pending.map(({ link }) => link) : [];
        standings.push({ number: head.number, links: [...new Set(links)] });
      }
    }
    return standings;
  };
}

const isOfIssue = ({ kind }: { kind: string }) => kind === "slaIssue";
