import { expect, it } from "vitest";
import { createRateLimiter, rateLimitHeaders } from "../../src/http/rate-limit.ts";

const policy = { name: "agent", quota: 4, windowS: 60 };

function make() {
  const clock = { ms: 1_000_000 };
  return { clock, limiter: createRateLimiter(policy, () => clock.ms) };
}

it("gives a whole quota at once, and after it an even flow", () => {
  const { clock, limiter } = make();
  const took = (times: number) => Array.from({ length: times }, () => limiter.take("a").ok);
  expect(took(5)).toEqual([true, true, true, true, false]);
  clock.ms += 14_999;
  expect(took(1)).toEqual([false]);
  clock.ms += 1;
  expect(took(2)).toEqual([true, false]);
  clock.ms += 3_600_000;
  expect(took(5)).toEqual([true, true, true, true, false]);
});

it("counts each partition for itself", () => {
  const { limiter } = make();
  for (let time = 0; time < 4; time++) limiter.take("a");
  expect([limiter.take("a").ok, limiter.take("b").ok]).toEqual([false, true]);
});

it("tells what is left and when there is more", () => {
  const { clock, limiter } = make();
  expect(rateLimitHeaders(limiter.take("a"))).toEqual({
    "RateLimit-Policy": '"agent";q=4;w=60',
    RateLimit: '"agent";r=3;t=15',
  });
  for (let time = 0; time < 3; time++) limiter.take("a");
  clock.ms += 5_000;
  expect(rateLimitHeaders(limiter.take("a"))).toEqual({
    "RateLimit-Policy": '"agent";q=4;w=60',
    RateLimit: '"agent";r=0;t=55',
    "Retry-After": "10",
  });
});

it("takes nothing by looking", () => {
  const { limiter } = make();
  for (let time = 0; time < 10; time++) expect(limiter.look("a").ok).toBe(true);
  for (let time = 0; time < 4; time++) limiter.take("a");
  expect(limiter.look("a").ok).toBe(false);
});

it("neither takes back nor gives for a clock that is set back", () => {
  const { clock, limiter } = make();
  for (let time = 0; time < 3; time++) limiter.take("a");
  clock.ms -= 3_600_000;
  expect(limiter.take("a")).toMatchObject({ ok: true, remaining: 0 });
  expect(limiter.take("a").ok).toBe(false);
  clock.ms += 15_000;
  expect(limiter.take("a").ok).toBe(true);
});

it("forgets the one that was quiet for longest when there are too many", () => {
  const { limiter } = make();
  for (const name of ["quiet", "busy"]) for (let time = 0; time < 4; time++) limiter.take(name);
  for (let index = 0; index < 9_999; index++) {
    limiter.take(`other ${index}`);
    if (index % 1000 === 0) limiter.take("busy");
  }
  expect(limiter.take("busy").ok).toBe(false);
  expect(limiter.take("quiet").ok).toBe(true);
});
