import { z } from "zod";
import { isWebAddress } from "./addresses.ts";
import { text } from "./fields.ts";

const keptDays = (min: number, byDefault: number) => {
  const allowed = `days from ${min} to 36500`;
  return z.int(allowed).min(min, allowed).max(36_500, allowed).default(byDefault);
};

const engineUrlAllowed = "an http or https address without user and password";
const engineUrl = z
  .string(engineUrlAllowed)
  .refine((given) => isWebAddress(given) && new URL(given).username === "", engineUrlAllowed);
/** No more than the engine's own retention, of which nobody tells the program; as of SQLite. */
const engineRawDays = { rawDays: keptDays(4, 14) };
/** A token as ${NAME}, or in a file of its own, of which the blanks at the ends do not matter. */
const engineToken = { token: text.optional(), tokenFile: text.optional() };

function refuseTwoTokens(
  given: { token?: string | undefined; tokenFile?: string | undefined },
  context: z.RefinementCtx,
): void {
  if (given.token === undefined || given.tokenFile === undefined) return;
  context.addIssue({ code: "custom", path: ["tokenFile"], message: "token or tokenFile, not both" });
}

/** Where the rounds are kept. Everything else is in the SQLite file in any case. */
export const series = z.discriminatedUnion("engine", [
  z.strictObject({
    engine: z.literal("sqlite"),
    retention: z
      .strictObject({
        /** Rounds themselves. The watch judges no round that came later than this less 3 days. */
        rawDays: keptDays(4, 14),
        fiveMinuteDays: keptDays(4, 365),
        hourDays: keptDays(4, 3_653),
      })
      .superRefine(({ rawDays, fiveMinuteDays, hourDays }, context) => {
        const refuse = (name: string, least: number) =>
          context.addIssue({
            code: "custom",
            path: [name],
            message: `at least the ${least} of what is finer`,
          });
        if (fiveMinuteDays < rawDays) refuse("fiveMinuteDays", rawDays);
        if (hourDays < fiveMinuteDays) refuse("hourDays", fiveMinuteDays);
      })
      .prefault({}),
  }),
  z
    .strictObject({
      engine: z.literal("influx"),
      url: engineUrl,
      /** 2.x, with `org`. */
      bucket: text.optional(),
      org: text.optional(),
      /** 1.x and 3.x. */
      database: text.optional(),
      ...engineToken,
      ...engineRawDays,
    })
    .superRefine((given, context) => {
      refuseTwoTokens(given, context);
      const { bucket, org, database } = given;
      if ((database === undefined) === (bucket === undefined))
        context.addIssue({
          code: "custom",
          path: ["bucket"],
          message: "bucket and org of InfluxDB 2.x, or database of 1.x and 3.x",
        });
      else if ((bucket === undefined) !== (org === undefined))
        context.addIssue({ code: "custom", path: ["org"], message: "the organisation of the bucket" });
    }),
  z
    .strictObject({
      engine: z.literal("victoria"),
      /** The one machine, or vminsert. */
      url: engineUrl,
      /** vmselect. */
      readUrl: engineUrl.optional(),
      /** Of a cluster: `account` or `account:project`. */
      tenant: z
        .string("a tenant such as 0 or 7:2, in quotes")
        .regex(/^\d{1,10}(:\d{1,10})?$/, "a tenant such as 0 or 7:2, in quotes")
        .optional(),
      ...engineToken,
      ...engineRawDays,
    })
    .superRefine((given, context) => {
      refuseTwoTokens(given, context);
      if ((given.tenant === undefined) !== (given.readUrl === undefined))
        context.addIssue({
          code: "custom",
          path: [given.tenant === undefined ? "tenant" : "readUrl"],
          message: "both tenant and readUrl, of a cluster, or neither",
        });
    }),
]);
