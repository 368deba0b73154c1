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
    "- { id: c1, provider: A, slaRatio: null, restitution: { a: 1 } }\n",
    "contracts.yaml:1 restitution: a mapping is not allowed; expected 1 to 2000 characters, or null",
  ],
  [
    "an unknown key",
    "- { id: c1, provider: A, slaRatio: null, sla: 1 }\n",
    'contracts.yaml:1 sla: "sla" is not allowed; expected one of the keys id, provider, slaRatio, restitution',
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

describe("a bad services.yaml", () => {
  it.each(services)("with %s", (_mistake, text, message) => {
    expect(messagesOf({ "services.yaml": text })).toEqual([message]);
  });
});

describe("a contract without a promise", () => {
  it("is kept as one", () => {
    const text = "- { id: c1, provider: A, slaRatio: null }\n";
    expect(read({ "contracts.yaml": text }).contracts.get("c1")).toEqual({
      id: "c1",
      provider: "A",
      slaRatio: null,
      restitution: null,
    });
  });
});
