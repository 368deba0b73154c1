import { createAlertmanagerChannel } from "./alertmanager.ts";
import type { Channel } from "./channel.ts";
import type { ChannelConfig } from "./channel-config.ts";
import { createEmailChannel } from "./email.ts";
import { createNtfyChannel } from "./ntfy.ts";
import { createTelegramChannel } from "./telegram.ts";
import { createWebhookChannel } from "./webhook.ts";
import { createWhatsappChannel } from "./whatsapp.ts";

export function createChannel(config: ChannelConfig, timeZone: string, now: () => number): Channel {
  switch (config.kind) {
    case "webhook":
      return createWebhookChannel({ id: config.id, url: config.url, secrets: config.secrets, now });
    case "email": {
      const { user, password, kind: _, ...rest } = config;
      return createEmailChannel({ ...rest, timeZone, ...loginOf({ user, password }) });
    }
    case "telegram": {
      const { threadId, baseUrl, kind: _, ...rest } = config;
      return createTelegramChannel({ ...rest, timeZone, ...given({ threadId, baseUrl }) });
    }
    case "whatsapp": {
      const { baseUrl, kind: _, ...rest } = config;
      return createWhatsappChannel({ ...rest, timeZone, now, ...given({ baseUrl }) });
    }
    case "ntfy": {
      const { token, kind: _, ...rest } = config;
      return createNtfyChannel({ ...rest, timeZone, now, ...given({ token }) });
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
