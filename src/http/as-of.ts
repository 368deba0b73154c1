import type { StateStore } from "../state/state-store.ts";
import { badField } from "./problem.ts";
import { iso } from "./rows.ts";

/**
 * The moment as of which is answered; undefined: as known now, which is also the answer for moments to come. Nobody knows
 * anything of what was known before the record began.
 */
export async function resolveAsOf(
  state: Pick<StateStore, "recordBeganMs">,
  asked: number | undefined,
  nowMs: number,
): Promise<number | undefined> {
  // What is learned in this very millisecond is not in the answer of now: only earlier moments are settled for ever.
  if (asked === undefined || asked >= nowMs) return undefined;
  const beganMs = await state.recordBeganMs();
  if (beganMs !== null && asked >= beganMs) return asked;
  const allowed =
    beganMs === null
      ? "no moment: nothing is on record yet"
      : `${iso(beganMs)}, when the record begins, or later`;
  throw badField(400, [{ field: "asOf", value: iso(asked), allowed }]);
}
