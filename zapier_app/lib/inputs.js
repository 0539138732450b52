import { createHash } from 'node:crypto';

const isBlank = (value) => value === undefined || value === null || value === '';

/** Leave out what was left blank. */
export const given = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => !isBlank(value)));

/** The same for pairs; none at all are left out as a whole. */
export const pairsOf = (pairs) => (pairs && Object.keys(pairs).length ? pairs : undefined);

/** A name as one part of a path. */
export function part(z, name, value) {
  const text = isBlank(value) ? '' : String(value).trim();
  // these would lead to another address, however they are escaped
  if (['', '.', '..'].includes(text)) throw new z.errors.Error(`${name} is needed.`, 'Blank');
  return encodeURIComponent(text);
}

/** The header that lets the server tell a repeated call. */
export function repeatable({ deduplication_key: key }) {
  const text = isBlank(key) ? '' : String(key).trim();
  if (!text) return {};
  // headers hold plain characters only, and the server takes 255 of them
  const isPlain = /^[\x20-\x7e]{1,255}$/.test(text);
  return { 'Idempotency-Key': isPlain ? text : createHash('sha256').update(text).digest('hex') };
}
