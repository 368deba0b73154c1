import { createAlertmanagerChannel } from "./alertmanager.ts";
import type { Channel } from "./channel.ts";
import type { ChatMoves } from "./chat-moves.ts";
import type { ChannelConfig } from "./channel-config.ts";
import { createEmailChannel } from "./email.ts";
import { createNtfyChannel } from "./ntfy.ts";
import type { Language } from "./payload.ts";
import { createTelegramChannel } from "./telegram.ts";
import type { AckUrl } from "./texts.ts";
import { createWebhookChannel } from "./webhook.ts";
import { createWhatsappChannel } from "./whatsapp.ts";

/** `ackUrlOf`: where somebody who reads a channel can say that they know of an alert. */
export function createChannel(
  config: ChannelConfig,
  {
    timeZone,
    now,
    ackUrlOf,
    chatMoves,
  }: {
    timeZone: string;
    now: () => number;
    ackUrlOf: (channel: string, language: Language) => AckUrl;
    chatMoves: ChatMoves;
  },
): Channel {
  const spoken = { timeZone, ackUrl: ackUrlOf(config.id, "language" in config ? config.language : "id") };
  switch (config.kind) {
    case "webhook":
      return createWebhookChannel({ id: config.id, url: config.url, secrets: config.secrets, now });
    case "email": {
      const { user, password, kind: _, ...rest } = config;
      return createEmailChannel({ ...rest, ...spoken, ...loginOf({ user, password }) });
    }
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
      return createAlertmanagerChannel({ ...rest, timeZone, now, ...loginOf({ user, password }) });
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
