import { showValue } from "#wire/wire-error.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Fields whose value no message shows, even when it was written into the file. */
export const hiddenFields = /\b(community|communities|authKey|privKey)\b/;

const reference = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

/**
 * Stands for a variable that is not set while the rest of the file is checked. It is long enough for a key and fits
 * an address, so that one mistake is not reported as two.
 */
const standIn = "unset-variable";

export interface Secrets {
  /** A value of the file as it is used: `${NAME}` becomes the variable NAME. */
  fill(path: string, value: unknown): unknown;
  /**
   * A value as a message may show it. `written` is what stands in the file, undefined for nothing, and `shown` what
   * the message would like to show instead.
   */
  show(path: string, written: string | undefined, shown: string | undefined): string;
}

/** Fills `${NAME}` from the environment and remembers where, so that no message shows what was filled in. */
export function createSecrets(
  env: Environment,
  refuse: (path: string, value: string, allowed: string) => void,
): Secrets {
  const filled = new Set<string>();
  return {
    fill(path, value) {
      if (typeof value !== "string" || !value.includes("${")) return value;
      const name = reference.exec(value)?.[1];
      if (name === undefined) {
        refuse(path, hiddenFields.test(path) ? "(hidden)" : showValue(value), "${NAME} as the whole value");
        return standIn;
      }
      filled.add(path);
      const secret = env[name];
      if (secret !== undefined && secret !== "") return secret;
      refuse(path, showValue(value), `the environment variable ${name} to be set`);
      return standIn;
    },
    show(path, written, shown) {
      if (written === undefined) return shown ?? showValue(undefined);
      if (filled.has(path)) return written;
      return hiddenFields.test(path) ? "(hidden)" : (shown ?? written);
    },
  };
}
