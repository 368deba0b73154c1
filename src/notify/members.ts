import type { ChannelConfig } from "./channel-config.ts";

/*
 * A channel of the configuration may have several members, each with its own messages, tries and failures: one for each
 * address that a mail goes to. Mail servers answer for each address by itself, and what one of them puts off or refuses is
 * nothing to the others. Their ids are `<channel>/<address>`.
 */

/** Ids of the members of a channel, or its own id where it has none. */
export function membersOf(config: ChannelConfig): string[] {
  if (config.kind !== "email") return [config.id];
  return [...new Set(config.to.map((address) => memberId(config.id, address)))];
}

export function memberId(channel: string, address: string): string {
  return `${channel}/${bareAddress(address)}`;
}

/** The channel of the configuration that a member belongs to. */
export function groupOf(id: string): string {
  const at = id.indexOf("/");
  return at === -1 ? id : id.slice(0, at);
}

/** Ids of the configuration, in routes and elsewhere, as those of members. */
export function createMembers(configs: readonly ChannelConfig[]): (ids: readonly string[]) => string[] {
  const members = new Map(configs.map((config) => [config.id, membersOf(config)]));
  return (ids) => ids.flatMap((id) => members.get(id) ?? []);
}

/** `Name <name@domain>` as `name@domain`. */
function bareAddress(address: string): string {
  return (/<([^<>]+)>$/.exec(address)?.[1] ?? address).toLowerCase();
}
