// All tests in one process: to load n8n's engine takes longer than most of them.
'use strict';
const { readdirSync } = require('node:fs');

for (const name of readdirSync(__dirname).filter((one) => one.endsWith('.test.cjs'))) require(`./${name}`);
