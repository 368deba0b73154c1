import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ProfileError } from "./profile-error.ts";
import { parseProfile } from "./parse.ts";
import type { Profile, ProfileKey } from "./profile.ts";

/** The profiles of a folder, read when they are first needed. */
export interface ProfileLibrary {
  /** Names of the profiles there are, sorted. */
  names(): Promise<string[]>;
  /** Throws ProfileError where there is none of that name, or it cannot be used. */
  load(name: string): Promise<Profile>;
  /** What tells which devices each profile fits. A file that cannot be used is left out and told to `onProblem`. */
  keys(onProblem?: (error: ProfileError) => void): Promise<ProfileKey[]>;
}

/**
 * Reads profiles from the `.json` files of a folder, by default those that come with the agent. What has been asked
 * for by name is kept; of the others the keys alone are, since most devices of a village have three profiles.
 */
export function createProfileLibrary(folder: string = import.meta.dirname): ProfileLibrary {
  const loaded = new Map<string, Promise<Profile>>();
  let keys: Promise<{ keys: ProfileKey[]; problems: ProfileError[] }> | null = null;

  async function names(): Promise<string[]> {
    const files = await readdir(folder);
    return files
      .filter((file) => file.endsWith(".json"))
      .map((file) => file.slice(0, -".json".length))
      .sort((a, b) => (a < b ? -1 : 1));
  }

  async function read(name: string): Promise<Profile> {
    const file = join(folder, `${name}.json`);
    let text: string;
    try {
      text = await readFile(file, "utf8");
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
      const known = await names();
      throw new ProfileError(file, `there is no profile "${name}"; expected one of ${known.join(", ")}`, {
        cause,
      });
    }
    const profile = parseProfile(file, text);
    if (profile.name !== name)
      throw new ProfileError(
        file,
        `name: "${profile.name}" is not allowed; expected "${name}", as the file is called`,
      );
    return profile;
  }

  async function readKeys() {
    const found: ProfileKey[] = [];
    const problems: ProfileError[] = [];
    for (const name of await names()) {
      try {
        const { sysObjectIds, sysDescr, probes, generic } = await read(name);
        found.push({ name, sysObjectIds, sysDescr, probes, generic });
      } catch (error) {
        if (!(error instanceof ProfileError)) throw error;
        problems.push(error);
      }
    }
    return { keys: found, problems };
  }

  return {
    names,
    load(name) {
      const profile = loaded.get(name) ?? read(name);
      loaded.set(name, profile);
      profile.catch(() => loaded.delete(name));
      return profile;
    },
    async keys(onProblem) {
      keys ??= readKeys();
      keys.catch(() => (keys = null));
      const { keys: found, problems } = await keys;
      for (const problem of problems) onProblem?.(problem);
      return found;
    },
  };
}
