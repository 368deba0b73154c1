import { describe, expect, it } from "vitest";
import { messagesOf, read } from "./folder.ts";

const ratio = "expected a number from 0 to 1 (0.98 for 98 %), or null for no promise";

const contracts: [mistake: string, text: string, message: string][] = [
  [
    "a promise in per cent",
    "- { id: c1, provider: A, slaRatio: 98 }\n",
    `contracts.yaml:1 slaRatio: 98 is not allowed; ${ratio}`,
  ],
  [
    "a negative promise",
    "- { id: c1, provider: A, slaRatio: -0.1 }\n",
    `contracts.yaml:1 slaRatio: -0.1 is not allowed; ${ratio}`,
  ],
  [
    "nothing said about a promise",
    "- { id: c1, provider: A }\n",
    `contracts.yaml:1 slaRatio: nothing is not allowed; ${ratio}`,
  ],
  [
    "a promise in quotes",
    '- { id: c1, provider: A, slaRatio: "0.98" }\n',
    `contracts.yaml:1 slaRatio: "0.98" is not allowed; ${ratio}`,
  ],
  [
    "no provider",
    "- { id: c1, slaRatio: null }\n",
    "contracts.yaml:1 provider: nothing is not allowed; expected 1 to 200 characters on one line",
  ],
  [
    "an id twice",
    "- { id: c1, provider: A, slaRatio: null }\n- { id: c1, provider: A, slaRatio: null }\n",
    'contracts.yaml:2 id: "c1" is not allowed; expected another id: line 1 has this one',
  ],
  [
    "a clause that is a mapping",
    "- { id: c1, provider: A, slaRatio: null, clause: { a: 1 } }\n",
    "contracts.yaml:1 clause: a mapping is not allowed; expected 1 to 2000 characters, or null",
  ],
  [
    "an unknown key",
    "- { id: c1, provider: A, slaRatio: null, sla: 1 }\n",
    'contracts.yaml:1 sla: "sla" is not allowed; expected one of the keys id, provider, from, to, slaRatio, period, serviceHours, closedOnHolidays, excludes, countsWhen, noticeHours, thresholdS, monthlyFeeIdr, restitution, clause',
  ],
];

const hours =
  'one or more stretches such as "mon-fri 07:30-16:00", "sat 08:00-12:00" or "mon-sun 00:00-24:00"';
const kinds = "a list of maintenance, force-majeure, customer, power, each once";
const rules = "one of none, pro-rata, below-sla, ratio, tiers";

/** What follows the provider on the one line of the file; where the mistake is, and what is allowed there. */
const terms: [mistake: string, terms: string, found: string, allowed: string][] = [
  [
    "a promise of more digits than are counted",
    "slaRatio: 0.9812345",
    "slaRatio: 0.9812345",
    "at most six digits after the point",
  ],
  ["another period", "slaRatio: null, period: year", 'period: "year"', "one of month"],
  ["hours of no day", "slaRatio: null, serviceHours: 07:30-16:00", 'serviceHours: "07:30-16:00"', hours],
  [
    "hours past midnight's end",
    "slaRatio: null, serviceHours: [mon 07:00-24:30]",
    'serviceHours[0]: "mon 07:00-24:30"',
    hours,
  ],
  [
    "days in the wrong order",
    "slaRatio: null, serviceHours: fri-mon 07:00-16:00",
    'serviceHours: "fri-mon 07:00-16:00"',
    hours,
  ],
  ["holidays in words", "slaRatio: null, closedOnHolidays: ya", 'closedOnHolidays: "ya"', "true or false"],
  ["an exclusion nobody knows", "slaRatio: null, excludes: [power, rain]", 'excludes[1]: "rain"', kinds],
  ["one exclusion twice", "slaRatio: null, excludes: [power, power]", 'excludes[1]: "power"', kinds],
  ["an exclusion without a list", "slaRatio: null, excludes: power", 'excludes: "power"', kinds],
  [
    "a negative notice",
    "slaRatio: null, noticeHours: -1",
    "noticeHours: -1",
    "a whole number from 0 to 8760, or null",
  ],
  [
    "a threshold of half a second",
    "slaRatio: null, thresholdS: 0.5",
    "thresholdS: 0.5",
    "a whole number from 0 to 2678400, or null",
  ],
  [
    "a fee in words",
    "slaRatio: null, monthlyFeeIdr: Rp3.500.000",
    'monthlyFeeIdr: "Rp3.500.000"',
    "a whole number from 0 to 1000000000000, or null",
  ],
  [
    "restitution in words",
    "slaRatio: null, restitution: full",
    'restitution: "full"',
    "a mapping with rule, downtime, tiers, ceiling, roundIdr, rounding, or null",
  ],
  ["no rule", "slaRatio: null, restitution: { ceiling: 1 }", "restitution.rule: nothing", rules],
  [
    "a rule nobody knows",
    "slaRatio: 0.9, restitution: { rule: double }",
    'restitution.rule: "double"',
    rules,
  ],
  [
    "a rule that needs a promise",
    "slaRatio: null, restitution: { rule: ratio }",
    'restitution.rule: "ratio"',
    "a rule that needs no promise (none, pro-rata, tiers), or a slaRatio",
  ],
  [
    "a ratio of nothing",
    "slaRatio: 0, restitution: { rule: ratio }",
    "slaRatio: 0",
    "more than 0 for the rule ratio",
  ],
  [
    "tiers of another rule",
    "slaRatio: null, restitution: { rule: none, tiers: [] }",
    "restitution.tiers: a list",
    "nothing: it goes with the rule tiers",
  ],
  [
    "an empty list of tiers",
    "slaRatio: null, restitution: { rule: tiers, tiers: [] }",
    "restitution.tiers: a list",
    "a list of { below: 0.99, fee: 0.05 }",
  ],
  [
    "a tier in per cent",
    "slaRatio: null, restitution: { rule: tiers, tiers: [{ below: 99, fee: 0.05 }] }",
    "restitution.tiers[0].below: 99",
    "a number from 0 to 1, at most six digits after the point",
  ],
  [
    "tiers from low to high",
    "slaRatio: null, restitution: { rule: tiers, tiers: [{ below: 0.9, fee: 0.1 }, { below: 0.99, fee: 0.2 }] }",
    "restitution.tiers[1]: a mapping",
    "a lower below than the tier before it, and no lower fee",
  ],
  [
    "a ceiling above the fee",
    "slaRatio: null, restitution: { rule: none, ceiling: 1.5 }",
    "restitution.ceiling: 1.5",
    "a number from 0 to 1, at most six digits after the point",
  ],
  [
    "half a rupiah",
    "slaRatio: null, restitution: { rule: none, roundIdr: 0.5 }",
    "restitution.roundIdr: 0.5",
    "a whole number of rupiah, 1 to 1000000",
  ],
  [
    "a rounding nobody knows",
    "slaRatio: null, restitution: { rule: none, rounding: even }",
    'restitution.rounding: "even"',
    "one of nearest, down, up",
  ],
  [
    "a key of restitution nobody knows",
    "slaRatio: null, restitution: { rule: none, cap: 1 }",
    "restitution.cap: 1",
    "one of the keys rule, downtime, tiers, ceiling, roundIdr, rounding",
  ],
];

const services: [mistake: string, text: string, message: string][] = [
  [
    "an address of another kind",
    "- { id: s1, name: S, url: 'ftp://s.example', control: 64.08 }\n",
    'services.yaml:1 url: "ftp://s.example" is not allowed; expected an http or https address',
  ],
  [
    "an address that cannot be parsed",
    "- { id: s1, name: S, url: 'https://s:port', control: 64.08 }\n",
    'services.yaml:1 url: "https://s:port" is not allowed; expected an http or https address',
  ],
  [
    "a control that is not there",
    "- { id: s1, name: S, url: 'https://s.example', control: 64.99 }\n",
    "services.yaml:1 control: 64.99 is not allowed; expected the code of a site in sites.csv",
  ],
  [
    "no control",
    "- { id: s1, name: S, url: 'https://s.example' }\n",
    "services.yaml:1 control: nothing is not allowed; expected the code of a site in sites.csv",
  ],
  [
    "no name",
    "- { id: s1, url: 'https://s.example', control: 64.08 }\n",
    "services.yaml:1 name: nothing is not allowed; expected 1 to 200 characters on one line",
  ],
  [
    "an id twice",
    "- &s { id: s1, name: S, url: 'https://s.example', control: 64.08 }\n- *s\n",
    'services.yaml:1 id: "s1" is not allowed; expected another id: line 1 has this one',
  ],
  [
    "an unknown key",
    "- { id: s1, name: S, url: 'https://s.example', control: 64.08, of: x }\n",
    'services.yaml:1 of: "of" is not allowed; expected one of the keys id, name, url, control, private',
  ],
];

describe("a bad contracts.yaml", () => {
  it.each(contracts)("with %s", (_mistake, text, message) => {
    expect(messagesOf({ "contracts.yaml": text, "links.yaml": "" })).toEqual([message]);
  });
});

describe("bad terms of a contract", () => {
  it.each(terms)("%s", (_mistake, text, found, allowed) => {
    const file = `- { id: c1, provider: A, ${text} }\n`;
    expect(messagesOf({ "contracts.yaml": file, "links.yaml": "" })).toEqual([
      `contracts.yaml:1 ${found} is not allowed; expected ${allowed}`,
    ]);
  });
});

const exclusion =
  "id: x1, kind: customer, link: top, from: '2026-10-01T08:00:00+08:00', to: '2026-10-01T09:00:00+08:00', reason: r, author: a";

describe("exclusions.yaml", () => {
  it("says what a provider does not answer for", () => {
    const found = read({ "exclusions.yaml": `- { ${exclusion} }\n` }).exclusions!.get("x1");
    expect(found).toEqual({
      id: "x1",
      kind: "customer",
      link: "top",
      fromMs: Date.UTC(2026, 9, 1),
      toMs: Date.UTC(2026, 9, 1, 1),
      reason: "r",
      author: "a",
    });
  });

  it.each([
    ["kind: customer", "kind: power", 'kind: "power"', "one of force-majeure, customer"],
    ["link: top", "link: none", 'link: "none"', "the id of a link in links.yaml"],
    ["link: top", "link: top, site: 64.08", 'link: "top"', "exactly one of site, subtree, link, provider"],
    [
      "'2026-10-01T08:00:00+08:00'",
      "tomorrow",
      'from: "tomorrow"',
      "an RFC 3339 time with a zone, such as 2026-11-24T22:00:00+08:00",
    ],
    [
      "T09:00:00",
      "T07:00:00",
      'to: "2026-10-01T07:00:00+08:00"',
      "a time after from, and at most 366 days after it",
    ],
    ["author: a", "author: ''", 'author: ""', "1 to 200 characters on one line"],
  ])("refuses, in place of %s, %s", (good, bad, found, allowed) => {
    const file = `- { ${exclusion.replace(good, bad)} }\n`;
    expect(messagesOf({ "exclusions.yaml": file })).toEqual([
      `exclusions.yaml:1 ${found} is not allowed; expected ${allowed}`,
    ]);
  });
});

describe("a bad services.yaml", () => {
  it.each(services)("with %s", (_mistake, text, message) => {
    expect(messagesOf({ "services.yaml": text })).toEqual([message]);
  });
});

describe("a contract", () => {
  it("without a promise is kept as one, and promises nothing else", () => {
    const text = "- { id: c1, provider: A, slaRatio: null }\n";
    expect(read({ "contracts.yaml": text }).contracts.get("c1")).toEqual({
      id: "c1",
      provider: "A",
      slaRatio: null,
      period: "month",
      serviceHours: [],
      closedOnHolidays: false,
      excludes: [],
      countsWhen: "link",
      noticeHours: null,
      thresholdS: 0,
      monthlyFeeIdr: null,
      restitution: { rule: "none", ceiling: 1, roundIdr: 1, rounding: "nearest" },
      clause: null,
    });
  });

  it("has all its terms", () => {
    const text = `- id: c1
  provider: A
  slaRatio: 0.995
  serviceHours: [mon-fri 07:30-16:00, sat 22:00-02:00]
  closedOnHolidays: true
  excludes: [power, maintenance]
  noticeHours: 72
  thresholdS: 300
  monthlyFeeIdr: 3500000
  restitution: { rule: tiers, tiers: [{ below: 0.999, fee: 0.02 }, { below: 0.95, fee: 0.1 }], ceiling: 0.5, roundIdr: 1000, rounding: down }
  clause: Pasal 7
`;
    expect(read({ "contracts.yaml": text }).contracts.get("c1")).toMatchObject({
      slaRatio: 0.995,
      serviceHours: [
        { days: [1, 2, 3, 4, 5], fromMin: 450, toMin: 960 },
        { days: [6], fromMin: 1320, toMin: 120 },
      ],
      closedOnHolidays: true,
      excludes: ["maintenance", "power"],
      noticeHours: 72,
      thresholdS: 300,
      monthlyFeeIdr: 3_500_000,
      restitution: {
        rule: "tiers",
        tiers: [
          { below: 0.999, fee: 0.02 },
          { below: 0.95, fee: 0.1 },
        ],
        ceiling: 0.5,
        roundIdr: 1000,
        rounding: "down",
      },
      clause: "Pasal 7",
    });
  });
});
