import type { AlertStore } from "../state/alert-store.ts";
import { createAlertmanagerChannel } from "./alertmanager.ts";
import type { Channel } from "./channel.ts";
import type { ChatMoves } from "./chat-moves.ts";
import type { ChannelConfig } from "./channel-config.ts";
import { createEmailChannel } from "./email.ts";
import { createNtfyChannel } from "./ntfy.ts";
import type { Language } from "./payload.ts";
import { createTelegramChannel } from "./telegram.ts";
import { memberId, membersOf } from "./members.ts";
import type { AckUrl } from "./texts.ts";
import { createWebhookChannel } from "./webhook.ts";
import { createWhatsappChannel } from "./whatsapp.ts";

interface ChannelDeps {
  timeZone: string;
  now: () => number;
  state: Pick<AlertStore, "firstMessage" | "lastingMessages">;
  /** Where somebody who reads a channel can say that they know of an alert. */
  ackUrlOf: (channel: string, language: Language) => AckUrl;
  chatMoves: ChatMoves;
}

/** A channel of the configuration: all of its members. */
export function createChannels(config: ChannelConfig, deps: ChannelDeps): Channel[] {
  if (config.kind !== "email") return [createChannel(config, deps)];
  const { user, password, kind: _, to, language, ...rest } = config;
  const spoken = { language, timeZone: deps.timeZone, ackUrl: deps.ackUrlOf(config.id, language) };
  const common = { ...rest, ...spoken, ...loginOf({ user, password }) };
  const addresses = new Map(to.map((address) => [memberId(config.id, address), address]));
  return membersOf(config).map((id) => createEmailChannel({ ...common, id, to: addresses.get(id)! }));
}

function createChannel(
  config: Exclude<ChannelConfig, { kind: "email" }>,
  { timeZone, now, state, ackUrlOf, chatMoves }: ChannelDeps,
): Channel {
  const spoken = { timeZone, ackUrl: ackUrlOf(config.id, "language" in config ? config.language : "id") };
  switch (config.kind) {
    case "webhook":
      return createWebhookChannel({ id: config.id, url: config.url, secrets: config.secrets, now });
    case "telegram": {
      const { threadId, baseUrl, replies: _r, kind: _, ...rest } = config;
      return createTelegramChannel({ ...rest, ...spoken, moves: chatMoves, ...given({ threadId, baseUrl }) });
    }
    case "whatsapp": {
      const { baseUrl, kind: _, ...rest } = config;
      return createWhatsappChannel({ ...rest, ...spoken, now, ...given({ baseUrl }) });
    }
    case "ntfy": {
      const { token, kind: _, ...rest } = config;
      return createNtfyChannel({ ...rest, ...spoken, now, ...given({ token }) });
    }
    case "alertmanager": {
      const { user, password, kind: _, ...rest } = config;
      return createAlertmanagerChannel({ ...rest, timeZone, now, state, ...loginOf({ user, password }) });
    }
  }
}

function loginOf({ user, password }: { user: string | undefined; password: string | undefined }) {
  return user === undefined || password === undefined ? {} : { auth: { user, password } };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what was left out. */
function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}
