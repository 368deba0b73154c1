/**
 * Does what one provider asks for one after the other, so that it holds up nobody else; throws what `refuse` makes where `most` of it
 * are under way or wait already.
 */
export function createTurns(most: number, refuse: () => Error) {
  const turns = new Map<string, { last: Promise<unknown>; count: number }>();
  return async <T>(provider: string, act: () => Promise<T>): Promise<T> => {
    const turn = turns.get(provider) ?? { last: Promise.resolve(), count: 0 };
    if (turn.count >= most) throw refuse();
    turns.set(provider, turn);
    turn.count += 1;
    const done = turn.last.then(act);
    turn.last = done.catch(() => {});
    try {
      return await done;
    } finally {
      turn.count -= 1;
      if (turn.count === 0) turns.delete(provider);
    }
  };
}
