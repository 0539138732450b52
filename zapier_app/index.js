import zapier, { defineApp } from 'zapier-platform-core';
import authentication from './authentication.js';
import { creates } from './creates/index.js';
import { addServer, readAnswer } from './lib/middleware.js';
import { description } from './lib/package.js';
import { searches } from './searches/index.js';
import { triggers } from './triggers/index.js';

const byKey = (list) => Object.fromEntries(list.map((one) => [one.key, one]));

export default defineApp({
  version: description.version,
  platformVersion: zapier.version,
  authentication,
  beforeRequest: [addServer],
  afterResponse: [readAnswer],
  triggers: byKey(triggers),
  creates: byKey(creates),
  searches: byKey(searches),
});
