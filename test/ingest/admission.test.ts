import { describe, expect, it } from "vitest";
import { admissionBytes, createAdmission } from "../../src/ingest/admission.ts";
import type { IngestError } from "../../src/ingest/ingest-error.ts";

const kib = 1024;
const refusal = (act: () => unknown): IngestError | null => {
  try {
    act();
    return null;
  } catch (error) {
    return error as IngestError;
  }
};

function setUp(maxBytes = 1_000 * kib) {
  const loop = { lagMs: 0 };
  return { loop, admission: createAdmission({ maxBytes, lagMs: () => loop.lagMs }) };
}

/** Another one each time. */
let agents = 0;
const nextAgent = () => `ag_${++agents}`;

describe("admission", () => {
  it("keeps half of the room free of backlog", () => {
    const { admission } = setUp();
    admission.enter("backlog", 400 * kib, nextAgent());
    expect(refusal(() => admission.enter("backlog", 200 * kib, nextAgent()))).toMatchObject({
      status: 503,
      code: "busy",
      retryAfterS: 15,
    });
    const live = admission.enter("live", 500 * kib, nextAgent());
    expect(refusal(() => admission.enter("live", 200 * kib, nextAgent()))).toMatchObject({
      status: 503,
      retryAfterS: 5,
    });
    expect(admission.stats()).toEqual({ bytes: 900 * kib, refusedLive: 1, refusedBacklog: 1 });
    live.leave();
    live.leave();
    expect(admission.stats().bytes).toBe(400 * kib);
    expect(refusal(() => admission.enter("live", 200 * kib, nextAgent()))).toBeNull();
  });

  it("counts what a body expands to, and gives back what it does not", () => {
    const { admission } = setUp();
    const first = admission.enter("live", 100 * kib, nextAgent());
    first.reserve(700 * kib);
    const second = admission.enter("live", 100 * kib, nextAgent());
    expect(refusal(() => second.reserve(300 * kib))).toMatchObject({ status: 503 });
    expect(admission.stats().bytes).toBe(900 * kib);
    first.giveBack(500 * kib);
    second.reserve(300 * kib);
    first.leave();
    second.leave();
    expect(admission.stats().bytes).toBe(0);
  });

  it("has less room in a small heap", () => {
    const mib = 1_024 * kib;
    expect([64, 128, 256, 4_096].map((heap) => admissionBytes(heap * mib) / mib)).toEqual([12, 24, 48, 48]);
  });

  it("lets in what is alone, however large, since it would never be let in otherwise", () => {
    const { admission } = setUp(10 * kib);
    const alone = admission.enter("backlog", 600 * kib, nextAgent());
    alone.reserve(900 * kib);
    expect(refusal(() => admission.enter("live", 1, nextAgent()))).toMatchObject({ status: 503 });
  });

  it("lets no agent take the place of all others, in either queue", () => {
    const { admission } = setUp();
    for (const queue of ["live", "backlog"] as const) {
      admission.enter(queue, 60 * kib, "ag_greedy");
      admission.enter(queue, 60 * kib, "ag_greedy");
      const refused = refusal(() => admission.enter(queue, 1, "ag_greedy"));
      expect(refused).toMatchObject({ status: 503, detail: expect.stringContaining("of this agent") });
    }
    expect(admission.isStrained()).toBe(false);
    const other = admission.enter("backlog", 60 * kib, "ag_other");
    // What one body expands to is its own matter.
    other.reserve(200 * kib);
    expect(refusal(() => admission.enter("live", 500 * kib, "ag_third"))).toBeNull();
  });

  it("forgets what an agent gave back", () => {
    const { admission } = setUp();
    for (let time = 0; time < 20; time++) {
      const ticket = admission.enter("live", 90 * kib, "ag_1");
      ticket.reserve(300 * kib);
      ticket.giveBack(200 * kib);
      ticket.leave();
    }
    expect(admission.stats()).toEqual({ bytes: 0, refusedLive: 0, refusedBacklog: 0 });
  });

  it("sends backlog away when the event loop is late, and live batches only when it is very late", () => {
    const { admission, loop } = setUp();
    loop.lagMs = 300;
    expect(admission.isStrained()).toBe(true);
    expect(refusal(() => admission.enter("backlog", 1, nextAgent()))).toBeNull();
    loop.lagMs = 1_500;
    expect(refusal(() => admission.enter("backlog", 1, nextAgent()))).toMatchObject({ status: 503 });
    expect(refusal(() => admission.enter("live", 1, nextAgent()))).toBeNull();
    loop.lagMs = 15_000;
    expect(refusal(() => admission.enter("live", 1, nextAgent()))).toMatchObject({ status: 503 });
  });

  it("gives the next turn to live work, whoever came first, also after work that failed", async () => {
    const { admission } = setUp();
    const done: string[] = [];
    const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
    const running = gates.map(({ promise }) => admission.enter("live", 1, nextAgent()).inTurn(() => promise));
    const queued = (["backlog", "backlog", "live", "live"] as const).map((queue, index) =>
      admission.enter(queue, 1, nextAgent()).inTurn(async () => {
        done.push(`${queue} ${index}`);
      }),
    );
    await Promise.resolve();
    expect(done).toEqual([]);
    gates[0]!.reject(new Error("not decodable"));
    await expect(running[0]).rejects.toThrow("not decodable");
    await Promise.all(queued);
    expect(done).toEqual(["live 2", "live 3", "backlog 0", "backlog 1"]);
    for (const gate of gates) gate.resolve();
    await Promise.allSettled(running);
  });
});
