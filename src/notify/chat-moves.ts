import type { StateStore } from "../state/state-store.ts";

/**
 * Numbers of Telegram groups that became supergroups, which gives them another. The configuration has the old one until somebody
 * changes it; alerts go to the new one meanwhile, and replies come from there.
 */
export interface ChatMoves {
  /** The number that a chat has now. */
  of(chatId: string): Promise<string>;
  moved(chatId: string, to: string): Promise<void>;
}

export function createChatMoves(state: Pick<StateStore, "setting" | "setSetting">): ChatMoves {
  const nameOf = (chatId: string) => `telegram.moved.${chatId}`;
  return {
    of: async (chatId) => (await state.setting(nameOf(chatId))) ?? chatId,
    moved: (chatId, to) => state.setSetting(nameOf(chatId), to),
  };
}
