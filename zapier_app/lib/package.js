import { readFileSync } from 'node:fs';

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

/** What package.json says about this app. */
export const description = read('../package.json');

/** An answer of the server, as the server's own tests hold it to be. */
export const sampleOf = (name) => read(`../samples/${name}.json`);
