/** The month of a moment as `2026-11`, in UTC: that is what the bytes of an uplink are counted by. */
export function monthOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 7);
}
