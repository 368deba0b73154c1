import { z } from "@hono/zod-openapi";

/* What the statistics answer, as /openapi.json describes it. How each figure is made: docs/relation.md. */

const number = z.number().nullable();
const interval = z.object({ low: number, high: number });
const estimate = z.object({
  value: number,
  interval,
  se: number,
  effectiveDays: number.openapi({ description: "Effective number of independent days, G*." }),
});
const test = z.object({
  p: z.number(),
  smallestP: z.number().openapi({ description: "Nothing smaller can come out." }),
  rotations: z.int(),
});
const lag = z.object({ meanS: number, interval, episodes: z.int(), edgeSdS: z.number() });
const made = z
  .object({
    version: z.string(),
    inputs: z.array(z.string()),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    alpha: z.number(),
    seed: z.int().nullable(),
  })
  .openapi({ description: "With these the same answer can be had again." });
const text = z.string().openapi({ description: "In the language that was asked for." });

export const associationAnswer = z
  .object({
    service: z.string(),
    exposure: z.enum(["down", "degraded"]),
    verdict: z.enum(["not-enough-data", "not-shown", "not-separable", "associated"]),
    verdictText: text,
    caveats: z.array(z.object({ caveat: z.string(), text })),
    needs: z
      .array(z.object({ what: z.string(), have: z.number(), need: z.number(), text }))
      .openapi({ description: "What is missing for a verdict." }),
    ready: z.iso.datetime().nullable().openapi({
      description: "When there would be enough at this rate, in a window that begins where this one does.",
    }),
    counts: z.record(z.string(), z.int()),
    accounting: z.record(z.string(), number).openapi({
      description: "An exact account of this window, in site-minutes. It has no interval.",
    }),
    inference: z
      .object({
        riskRatio: estimate,
        riskDifference: estimate,
        availability: estimate,
        attributable: estimate,
        test,
        pHolm: number,
        eValue: z.object({ estimate: number, limit: number }),
        onsetLag: lag,
        recoveryLag: lag,
        curve: z.object({
          points: z.array(z.object({ minute: z.int(), excessRatio: z.number() })),
          envelopeRatio: z.number(),
          placeboEnvelopeRatio: z.number(),
        }),
        negativeControls: z.object({ vantage: test.nullable(), neighbour: test.nullable() }),
        sites: z.array(
          z.object({
            code: z.string(),
            episodes: z.int(),
            observedDays: z.number(),
            per30Days: z.number(),
            interval,
          }),
        ),
      })
      .nullable()
      .openapi({ description: "What may be said in general; null without enough data." }),
    leftOut: z.array(z.string()).openapi({
      description: "Sites at which nothing but services tells how the network stands: they are in no figure.",
    }),
    made,
  })
  .openapi("Association");

export const effectAnswer = z
  .object({
    verdict: z.enum(["cannot-be-shown", "fewer", "not-shown"]),
    verdictText: text,
    caveats: z.array(z.string()),
    resolution: z.enum(["times", "days"]),
    counts: z.object({
      strata: z.int(),
      contacts: z.int(),
      exposedRatio: z.number(),
      expectedExposed: z.number(),
      dailyInformation: number,
    }),
    needs: z
      .array(
        z.object({
          rateRatio: z.number(),
          exposedContacts: z.number(),
          yearsTimed: number,
          yearsDaily: number,
        }),
      )
      .openapi({ description: "What would show an effect of this size in four of five such periods." }),
    reason: z.enum(["smallest-p", "power"]).optional(),
    smallestP: z.number(),
    p: z.number().optional().openapi({ description: "Only where something could come out." }),
    during: z.object({ value: number, interval }).optional(),
    net: z.object({ value: number, interval }).nullable().optional(),
    leftOut: z.object({ place: z.int(), unmeasured: z.int(), uncounted: z.int() }).openapi({
      description:
        "Complaints or contacts that are in no figure: of an area without a check of its own (with minutes: that is no village), while the check did not run, at a time for which nobody said that contacts were counted.",
    }),
    alike: z.array(z.string()).openapi({
      description: "By the day: kecamatan whose villages weigh alike, since the people of one are not known.",
    }),
    made,
  })
  .openapi("ComplaintEffect");
