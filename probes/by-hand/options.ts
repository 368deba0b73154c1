/** The options of `sambung-agent probe`; what each means is in read-target.ts and read-snmp.ts. */
export const probeOptions = {
  timeout: { type: "string" },
  family: { type: "string" },
  count: { type: "string" },
  size: { type: "string" },
  dscp: { type: "string" },
  port: { type: "string" },
  "snmp-version": { type: "string" },
  community: { type: "string" },
  user: { type: "string" },
  "auth-protocol": { type: "string" },
  "auth-key": { type: "string" },
  "priv-protocol": { type: "string" },
  "priv-key": { type: "string" },
  profile: { type: "string" },
  oid: { type: "string", multiple: true },
  text: { type: "string" },
  regex: { type: "string" },
  "json-path": { type: "string" },
  "json-equals": { type: "string" },
  http: { type: "string" },
  "no-verify-tls": { type: "boolean" },
  resolver: { type: "string" },
  type: { type: "string" },
  "expect-rcode": { type: "string", multiple: true },
  "expect-answer": { type: "string", multiple: true },
} as const;

export type OptionName = keyof typeof probeOptions;
/** What was given: text, several texts, or true. */
export type HandValues = { [K in OptionName]?: Value<(typeof probeOptions)[K]> | undefined } & {
  data?: string | undefined;
};
type Value<T> = T extends { multiple: true } ? string[] : T extends { type: "boolean" } ? boolean : string;

export type Env = Record<string, string | undefined>;
