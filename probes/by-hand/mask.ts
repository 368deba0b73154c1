import type { AgentTarget } from "#wire/targets-v1.ts";

/** What stands for a secret in what people, logs and scripts get to see. */
export const masked = "***";

const secretFields = new Set(["community", "authKey", "privKey"]);
const secretParameters = /(?:token|key|kunci|secret|rahasia|pass|pwd|sandi|auth|credential|signature|^sig$)/i;

/** A target's settings without its secrets: communities, SNMP keys, and what a URL carries of them. */
export function maskTarget(target: AgentTarget): Record<string, unknown> {
  return maskFields(target as unknown as Record<string, unknown>);
}

function maskFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      // An empty key is no secret, and says that there is none.
      if (secretFields.has(name) && value !== "") return [name, masked];
      if (name === "url" && typeof value === "string") return [name, maskUrl(value)];
      if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        return [name, maskFields(value as Record<string, unknown>)];
      }
      return [name, value];
    }),
  );
}

/**
 * What hides a target's secrets in text that others wrote: the notes of a probe, messages of errors. Very short secrets
 * are left alone, since the text would lose its sense and they guard nothing.
 */
export function createMask(target: AgentTarget): (text: string) => string {
  const secrets = Object.entries(target.kind === "snmp" ? target.auth : {}).flatMap(([name, value]) =>
    secretFields.has(name) && value.length >= 4 ? [value] : [],
  );
  return (text) => maskUrl(secrets.reduce((masking, secret) => masking.replaceAll(secret, masked), text));
}

/** A URL, or text with URLs in it, as it is but for a password in it and for parameters whose names sound like a secret. */
export function maskUrl(text: string): string {
  // The last "@" before the path ends a password (WHATWG URL, authority state): one may have others in it.
  return text
    .replaceAll(/\b([a-z]+:\/\/)[^/?#\s]*@/gi, `$1${masked}@`)
    .replace(/([?&;])([^=&;#\s]*)=([^&;#\s]*)/g, (whole, before: string, name: string) =>
      secretParameters.test(name) ? `${before}${name}=${masked}` : whole,
    );
}
