import { expect, it } from "vitest";
import { readFailure } from "../../probes/outcome.ts";

const answer = (status: number, headers: Record<string, string>, body = "") =>
  readFailure({ status, headers, body, tookMs: 1 });
const json = { "content-type": "application/problem+json" };

it.each([401, 403, 404, 400, 422])(
  "takes %i for the collector's word only where the collector says it",
  (status) => {
    const page = answer(status, { "content-type": "text/html" }, "<h1>Beli kuota</h1>");
    expect(page).toEqual({
      kind: "unreachable",
      reason: `answered ${status}, which is no answer of a collector`,
    });
    const said = answer(status, json, '{"detail":"no"}');
    expect(said).toEqual({
      kind: status === 401 || status === 403 ? "denied" : "refused",
      reason: `${status} no`,
    });
  },
);

it("believes whoever says that a message is too large", () => {
  expect(answer(413, { "content-type": "text/html" }).kind).toBe("refused");
});

const now = "Mon, 23 Nov 2026 06:00:00 GMT";
it.each([
  ["45", 45],
  ["Mon, 23 Nov 2026 06:00:45 GMT", 45],
  ["Mon, 23 Nov 2026 05:00:00 GMT", 0],
  ["Mon, 23 Nov 2036 06:00:00 GMT", 3_600],
  ["86400", 3_600],
  ["-5", 0],
  ["soon", 0],
])("reads Retry-After: %s", (header, retryAfterS) => {
  expect(answer(503, { "retry-after": header, date: now })).toMatchObject({ kind: "busy", retryAfterS });
});

it("does not take the clock of the board for the date that an answer leaves out", () => {
  expect(answer(503, { "retry-after": now })).toMatchObject({ retryAfterS: 0 });
});
