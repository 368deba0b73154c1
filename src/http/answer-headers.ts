/*
 * Header fields of answers, as /openapi.json describes them. Those of one route stand at that route; those that the door gives to
 * every answer, of keys, limits and names of requests, are added to the whole document.
 */

export type Header = { description: string; required?: boolean; schema: { type: "string" | "integer" } };

const text = (description: string): Header => ({ description, required: true, schema: { type: "string" } });
const count = (description: string): Header => ({ description, required: true, schema: { type: "integer" } });
const sometimes = ({ description, schema }: Header): Header => ({ description, schema });

/** By what they tell. */
export const headers = {
  tag: { ETag: text("Names this answer, for If-None-Match; of one outage also for If-Match.") },
  next: { Link: sometimes(text('Where the next page is: `<…>; rel="next"`. Left out on the last one.')) },
  made: { Location: text("Address of what was made.") },
  totals: {
    "X-Total-Count": count("How many there are of all pages."),
    "X-Result-Count": count("How many of them are in this answer."),
  },
} as const;

const door: Record<string, Header> = {
  "X-Request-Id": text("Finds the request in the collector's log."),
  RateLimit: text('What is left of the limit: `"key";r=2988;t=1`, all of them again in t seconds.'),
  "RateLimit-Policy": text('The limit: `"key";q=3000;w=60`, so many requests in w seconds.'),
  "Retry-After": count("Seconds to wait."),
  "WWW-Authenticate": text("Which key is asked for (RFC 6750)."),
};

type Headers = Record<string, object>;
interface Response {
  headers?: Headers;
}
interface Operation {
  security?: Record<string, string[]>[];
  responses: Record<string, Response>;
}
interface Document {
  paths?: Record<string, object> | undefined;
  components?: { headers?: Headers | undefined } | undefined;
}

const always = (...names: string[]): Headers =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
const seldom = (...names: string[]): Headers =>
  Object.fromEntries(names.map((name) => [name, sometimes(door[name]!)]));

/** What the door adds to an answer, by the kind of key that it asks for and by the status. */
function ofDoor({ security = [] }: Operation, status: string): Headers {
  const kinds = security.flatMap((scheme) => Object.keys(scheme));
  const limit = ["RateLimit", "RateLimit-Policy"];
  const isRefused = status === "401" || status === "403";
  const wait = status === "429" || status === "503" ? always("Retry-After") : {};
  // Agents are spared what nobody reads, and of those without a key there may be no address to count by.
  if (!kinds.includes("apiKey") && !kinds.includes("partnerKey"))
    return {
      ...seldom("X-Request-Id", ...limit, ...(isRefused ? ["WWW-Authenticate"] : [])),
      ...wait,
    };
  // Whose limit it is, is known behind the key.
  if (status === "401") return always("X-Request-Id", "WWW-Authenticate");
  if (status === "403") return { ...always("X-Request-Id", "WWW-Authenticate"), ...seldom(...limit) };
  return { ...always("X-Request-Id", ...limit), ...wait };
}

/** The document with what the door adds to every answer. */
export function withDoorHeaders<T extends Document>(document: T): T {
  for (const item of Object.values(document.paths ?? {}))
    for (const operation of Object.values(item) as Operation[])
      for (const [status, response] of Object.entries(operation.responses))
        response.headers = { ...response.headers, ...ofDoor(operation, status) };
  return { ...document, components: { ...document.components, headers: door } };
}
