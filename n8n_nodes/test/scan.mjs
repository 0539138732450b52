// Lints what is given with the very rules of n8n's verification, and prints each finding, warnings as well.
// n8n's own command looks only at what is published already, and keeps warnings to itself.
import { buildScanConfig } from '@n8n/scan-community-package/scanner/scanner.mjs';
import { ESLint } from 'eslint';
import { readdirSync } from 'node:fs';

const [sources, unpacked] = process.argv.slice(2);
const parts = [
	[sources, /^(package\.json|(nodes|credentials)\/.*\.(js|ts|json))$/],
	[unpacked, /^(package\.json|.*\.js)$/],
];
let findings = 0;
for (const [cwd, pattern] of parts) {
	const overrideConfig = await buildScanConfig();
	const eslint = new ESLint({ cwd, allowInlineConfig: false, overrideConfigFile: true, overrideConfig });
	const files = readdirSync(cwd, { recursive: true }).filter((path) => pattern.test(path));
	const results = await eslint.lintFiles(files);
	for (const { filePath, messages } of results) {
		for (const { line, ruleId, message } of messages) {
			findings++;
			console.log(`${filePath}:${line} ${ruleId}: ${message}`);
		}
	}
	console.log(`${results.length} files of ${cwd}`);
}
process.exit(findings ? 1 : 0);
