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
  /** What tells which devices each profile fits. A file that cannot be used is left out. */
  keys(): Promise<ProfileKey[]>;
}

/**
 * Reads profiles from the `.json` files of a folder, by default those that come with the agent. What has been asked
 * for by name is kept; of the others the keys alone are, since most devices of a village have three profiles.
 */
export function createProfileLibrary(
  folder: string = import.meta.dirname,
  onProblem: (error: ProfileError) => void = () => undefined,
): ProfileLibrary {
  const loaded = new Map<string, Promise<Profile>>();
  let keys: Promise<ProfileKey[]> | null = null;

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
      if ((cause as NodeJS.ErrnoException).code !== "ENOENT")
        throw new ProfileError(file, (cause as Error).message, { cause });
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
    for (const name of await names()) {
      try {
        const { sysObjectIds, sysDescr, probes, generic } = await read(name);
        found.push({ name, sysObjectIds, sysDescr, probes, generic });
      } catch (error) {
        if (!(error instanceof ProfileError)) throw error;
        onProblem(error);
      }
    }
    return found;
  }

  return {
    names,
    load(name) {
      const profile = loaded.get(name) ?? read(name);
      loaded.set(name, profile);
      profile.catch(() => loaded.delete(name));
      return profile;
    },
    async keys() {
      keys ??= readKeys();
      keys.catch(() => (keys = null));
      return keys;
    },
  };
}
