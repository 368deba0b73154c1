/**
 * Whose links were and whose webhooks are (docs/decisions/0058), and what outlives the records of providers when these go.
 */
export const schema3 = `
-- put_off: until a link has another provider.
ALTER TABLE partner_touches ADD COLUMN put_off INTEGER NOT NULL DEFAULT 0;
CREATE INDEX partner_touches_due ON partner_touches (id) WHERE put_off = 0;
-- Whose a link was, since when. The first provider had it always: since 0.
CREATE TABLE link_providers (
  link TEXT NOT NULL, since_ms INTEGER NOT NULL, provider TEXT NOT NULL,
  PRIMARY KEY (link, since_ms)
) STRICT, WITHOUT ROWID;
-- The last number and the last place in the feed that were given out: they outlive what is forgotten.
CREATE TABLE partner_counters (provider TEXT PRIMARY KEY, number INTEGER NOT NULL, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO partner_counters (provider, number, seq)
  SELECT c.provider, coalesce((SELECT max(o.number) FROM partner_outages o WHERE o.provider = c.provider), 0), max(c.seq)
  FROM partner_changes c GROUP BY c.provider;
CREATE INDEX partner_outages_over ON partner_outages (changed_ms) WHERE end_ms IS NOT NULL OR withdrawn = 1;
-- Id of the API key that registered the hook, or of the one that took its place. Who registered those that are there says the
-- audit log.
ALTER TABLE partner_hooks ADD COLUMN key TEXT NOT NULL DEFAULT '';
UPDATE partner_hooks SET hook = json_set(hook, '$.dropped', 0) WHERE json_valid(hook);
UPDATE partner_hooks SET key = coalesce((SELECT actor FROM audit WHERE action = 'webhook.made' AND subject = partner_hooks.id), '');
UPDATE partner_hooks SET key = coalesce((
  WITH RECURSIVE follows(old, new) AS (
    SELECT id, replaced_by FROM api_keys WHERE replaced_by IS NOT NULL
    UNION SELECT follows.old, k.replaced_by FROM follows JOIN api_keys k ON k.id = follows.new WHERE k.replaced_by IS NOT NULL
  )
  SELECT f.new FROM follows f JOIN api_keys k ON k.id = f.new WHERE f.old = partner_hooks.key AND k.replaced_by IS NULL
), key);
`;
