import fc from "fast-check";
import { nested, RawJson } from "./json-text.ts";

/*
 * Mutations of a document that keep most of its structure: what a parser has to look at closely, since the rest is good.
 */

type Node = Record<string, unknown> | unknown[];

export interface Mutation {
  /** Which place of the document, modulo as many as there are. */
  place: number;
  change: { to: unknown } | { name: string } | "remove" | "twice" | "reverse";
}

/** What has made programs fall over before. */
const oddities: readonly unknown[] = [
  null,
  true,
  "",
  "0",
  -1,
  0.5,
  1e21,
  -1e308,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  8.64e15 + 1,
  253_402_300_799_999,
  [],
  {},
  [[]],
  "\u0000",
  "\ud800",
  "__proto__",
  "constructor",
  "../../../etc/passwd",
  "'; DROP TABLE batches; --",
  "x".repeat(300),
  "é".repeat(70_000),
  new RawJson("-0"),
  new RawJson("1e999"),
  new RawJson("-1e999"),
  new RawJson(`${"9".repeat(400)}`),
  new RawJson('{"__proto__":{"v":1}}'),
  new RawJson('{"toString":1,"valueOf":2,"toJSON":3}'),
  new RawJson('{"length":1e9,"0":1}'),
  nested(60),
  nested(20_000),
  nested(20_000, '{"a":', "}"),
];

const names = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "",
  "v",
  "seq",
  "x".repeat(5_000),
  "\u0000",
];

export const nastyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...oddities) },
  { weight: 2, arbitrary: fc.integer() },
  { weight: 1, arbitrary: fc.double() },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 80 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  place: fc.nat(10_000),
  change: fc.oneof(
    { weight: 6, arbitrary: nastyValue.map((to) => ({ to })) },
    { weight: 2, arbitrary: fc.constantFrom(...names).map((name) => ({ name })) },
    { weight: 2, arbitrary: fc.constant("remove" as const) },
    { weight: 1, arbitrary: fc.constant("twice" as const) },
    { weight: 1, arbitrary: fc.constant("reverse" as const) },
  ),
});

/** The document with these mutations, one after another; itself untouched. */
export function mutate(document: unknown, mutations: readonly Mutation[]): unknown {
  const root = { document: clone(document) };
  for (const { place, change } of mutations) {
    const places = placesOf(root);
    const { holder, key } = places[place % places.length]!;
    apply(holder, key, change);
  }
  return root.document;
}

function clone(value: unknown): unknown {
  if (value instanceof RawJson || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(clone);
  return Object.fromEntries(Object.entries(value).map(([key, cell]) => [key, clone(cell)]));
}

interface Place {
  holder: Node;
  key: string;
}

function placesOf(root: Node): Place[] {
  const places: Place[] = [];
  const visit = (holder: Node) => {
    for (const [key, value] of Object.entries(holder)) {
      places.push({ holder, key });
      if (typeof value === "object" && value !== null && !(value instanceof RawJson)) visit(value as Node);
    }
  };
  visit(root);
  return places;
}

function apply(holder: Node, key: string, change: Mutation["change"]): void {
  const at = holder as Record<string, unknown>;
  if (change === "remove") {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else if (key !== "document") delete at[key];
  } else if (change === "twice") {
    if (Array.isArray(holder)) holder.push(clone(at[key]));
  } else if (change === "reverse") {
    if (Array.isArray(at[key])) at[key].reverse();
  } else if ("to" in change) at[key] = change.to;
  else if (!Array.isArray(holder) && key !== "document") {
    // By definition and not by assignment: `__proto__` is to be a key like others.
    Object.defineProperty(holder, change.name, {
      value: at[key],
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
}
