import { describe, expect, it } from "vitest";
import type { OutageRecord } from "../../src/state/state-store.ts";
import { createAlertBook, inShort } from "./alert-book.ts";
import { anOutage, morningMs } from "./factories.ts";

const second = 1_000;
const holdMs = 60 * second;
const parent = "64.08.05";

/** A step: seconds since the start, the current records, what is told of them. */
interface Story {
  name: string;
  steps: [atS: number, records: OutageRecord[], told: string[]][];
}

const outage = (given: Partial<OutageRecord> = {}) => anOutage({ id: "o_c", incident: "in_c", ...given });
const ofParent = (given: Partial<OutageRecord> = {}) =>
  anOutage({ id: "o_p", incident: "in_p", site: parent, root: parent, cause: "link", ...given });
const ended = { endMs: morningMs + 90 * second, revision: 2 };

const stories: Story[] = [
  {
    name: "tells of a problem when it has been known for the hold, and of its end, once each",
    steps: [
      [0, [outage()], []],
      [59, [outage()], []],
      [60, [outage()], ["in_c site.down"]],
      [61, [outage()], []],
      [95, [outage(ended)], ["in_c site.up"]],
      [99, [outage(ended)], []],
    ],
  },
  {
    name: "is silent about what ended within the hold",
    steps: [
      [0, [outage()], []],
      [50, [outage({ ...ended, endMs: morningMs + 40 * second })], []],
      [200, [outage({ ...ended, endMs: morningMs + 40 * second })], []],
    ],
  },
  {
    name: "is silent about the past, however late it is learned",
    steps: [[86_400, [outage(ended)], []]],
  },
  {
    name: "tells of a problem that is learned late but lasts",
    steps: [
      [86_400, [outage({ knownMs: morningMs + 86_400 * second })], []],
      [86_460, [outage({ knownMs: morningMs + 86_400 * second })], ["in_c site.down"]],
    ],
  },
  {
    name: "counts the hold from the moment of knowledge when the collector was away in between",
    steps: [[600, [outage({ knownMs: morningMs })], ["in_c site.down"]]],
  },
  {
    name: "tells of the parent alone when the child joins its incident within the hold",
    steps: [
      [0, [outage()], []],
      [
        40,
        [
          outage({ incident: "in_p", root: parent, revision: 2, knownMs: morningMs + 40 * second }),
          ofParent({ knownMs: morningMs + 40 * second }),
        ],
        [],
      ],
      [
        100,
        [
          outage({ incident: "in_p", root: parent, revision: 2, knownMs: morningMs + 40 * second }),
          ofParent(),
        ],
        ["in_p site.down"],
      ],
      [
        110,
        [
          outage({ incident: "in_p", root: parent, revision: 2, knownMs: morningMs + 40 * second }),
          ofParent(ended),
        ],
        [],
      ],
      [120, [outage({ incident: "in_p", root: parent, ...ended }), ofParent(ended)], ["in_p site.up"]],
    ],
  },
  {
    name: "corrects what was told of a child when it joins its parent's incident later",
    steps: [
      [0, [outage()], []],
      [60, [outage()], ["in_c site.down"]],
      [
        70,
        [
          outage({ incident: "in_p", root: parent, revision: 2, knownMs: morningMs + 70 * second }),
          ofParent({ knownMs: morningMs + 70 * second }),
        ],
        ["in_c site.up merged"],
      ],
      [
        130,
        [
          outage({ incident: "in_p", root: parent, revision: 2, knownMs: morningMs + 70 * second }),
          ofParent(),
        ],
        ["in_p site.down"],
      ],
    ],
  },
  {
    name: "corrects what was withdrawn after it was told, and is silent about what was withdrawn before",
    steps: [
      [0, [outage(), ofParent()], []],
      [30, [outage()], []],
      [60, [outage()], ["in_c site.down"]],
      [70, [], ["in_c site.up withdrawn"]],
      [80, [], []],
    ],
  },
  {
    name: "never pages for maintenance or a silent agent",
    steps: [[600, [outage({ cause: "maintenance" }), ofParent({ cause: "agent" })], []]],
  },
  {
    name: "corrects what turns out to be maintenance while it lasts",
    steps: [
      [60, [outage({ cause: "unknown" })], ["in_c site.down"]],
      [90, [outage({ cause: "maintenance", revision: 2 })], ["in_c site.up maintenance"]],
      [120, [outage({ cause: "maintenance", ...ended, revision: 3 })], []],
    ],
  },
  {
    name: "corrects what turns out to be a silent agent",
    steps: [
      [60, [outage({ cause: "unknown" })], ["in_c site.down"]],
      [90, [outage({ cause: "agent", revision: 2 })], ["in_c site.up agent"]],
    ],
  },
  {
    name: "speaks of a service when the fault is the service's",
    steps: [
      [60, [outage({ service: "lapor", root: "service:lapor", cause: "service" })], ["in_c service.down"]],
      [
        95,
        [outage({ service: "lapor", root: "service:lapor", cause: "service", ...ended })],
        ["in_c service.up"],
      ],
    ],
  },
  {
    name: "speaks of a service when services alone are out of reach from a site",
    steps: [
      [60, [outage({ service: "lapor", cause: "dns" })], ["in_c service.down"]],
      [95, [outage({ service: "lapor", cause: "dns", ...ended })], ["in_c service.up"]],
    ],
  },
  {
    name: "speaks of the site when it is cut off and services with it",
    steps: [
      [60, [outage(), outage({ id: "o_s", service: "lapor" })], ["in_c site.down"]],
      [95, [outage(ended), outage({ id: "o_s", service: "lapor", ...ended })], ["in_c site.up"]],
    ],
  },
  {
    name: "calls the end as the beginning was called, whatever has become of it meanwhile",
    steps: [
      [60, [outage({ service: "lapor", cause: "dns" })], ["in_c service.down"]],
      [70, [outage({ service: "lapor", cause: "dns" }), outage({ id: "o_x" })], []],
      [95, [outage({ service: "lapor", ...ended }), outage({ id: "o_x", ...ended })], ["in_c service.up"]],
      [96, [outage({ service: "lapor", ...ended }), outage({ id: "o_x", ...ended })], []],
    ],
  },
  {
    name: "calls a site's outage a site's when it is withdrawn and only a service's is left",
    steps: [
      [60, [outage(), outage({ id: "o_s", service: "lapor" })], ["in_c site.down"]],
      [70, [outage({ id: "o_s", service: "lapor" })], []],
      [95, [outage({ id: "o_s", service: "lapor", ...ended })], ["in_c site.up"]],
    ],
  },
  {
    name: "tells again when an incident reopens after people heard that it was over",
    steps: [
      [60, [outage()], ["in_c site.down"]],
      [95, [outage(ended)], ["in_c site.up"]],
      [100, [outage({ revision: 3, knownMs: morningMs + 100 * second })], []],
      [160, [outage({ revision: 3, knownMs: morningMs + 100 * second })], ["in_c site.down"]],
      [200, [outage({ ...ended, revision: 4 })], ["in_c site.up"]],
    ],
  },
];

describe("planAlerts", () => {
  it.each(stories)("$name", ({ steps }) => {
    const book = createAlertBook({ holdMs });
    for (const [atS, records, told] of steps) {
      expect([atS, inShort(book.run(morningMs + atS * second, records))]).toEqual([atS, told]);
    }
  });

  it("queues one message for each channel, due at once, under a key of its own", () => {
    const book = createAlertBook({ holdMs: 0, channels: ["telegram", "mail"] });
    const messages = book.run(morningMs, [outage()]);
    expect(messages.map(({ channel, nextTryMs }) => [channel, nextTryMs])).toEqual([
      ["telegram", morningMs],
      ["mail", morningMs],
    ]);
    expect(new Set(messages.map(({ dedupeKey }) => dedupeKey)).size).toBe(2);
    expect(messages[0]!.dedupeKey).toMatch(/^in_c:site\.down:telegram:/);
  });

  it("gives the same plan when nothing of it was written down", () => {
    const write = () => createAlertBook({ holdMs: 0 }).run(morningMs + 5_000, [outage(), ofParent()]);
    expect(write()).toEqual(write());
  });

  it("closes an alert of which nothing is known any more without inventing a message", () => {
    const book = createAlertBook({ holdMs });
    book.run(morningMs, [outage()]);
    expect(book.open()).toHaveLength(1);
    expect(book.run(morningMs + second, [])).toEqual([]);
    expect(book.open()).toEqual([]);
  });
});
