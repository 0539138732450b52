// The examples: n8n takes them, they hold nothing of anybody's instance, and their Milepost nodes run.
'use strict';
const test = require('node:test');
const assert = require('node:assert/strict');
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { NodeHelpers, safeParseWorkflowStructure } = require('n8n-workflow');
const { call, fresh, opened, PACK, run } = require('./milepost.cjs');

const FOLDER = join(process.env.PACKAGE, 'examples');
const read = (name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
const names = readdirSync(FOLDER);
const ours = ({ nodes }) => nodes.filter(({ type }) => type.startsWith(`${PACK}.`));

for (const name of names) {
	test(`${name}: n8n takes it`, () => {
		const { success, error } = safeParseWorkflowStructure(read(name));
		assert.equal(success, true, JSON.stringify(error));
	});

	test(`${name}: it holds nothing of an instance`, () => {
		const workflow = read(name);
		const { id, versionId, staticData, pinData, active, settings } = workflow;
		assert.deepEqual([id, versionId, staticData, pinData, active], [undefined, undefined, undefined, {}, false]);
		assert.equal(settings.executionOrder, 'v1');
		for (const { credentials = {} } of workflow.nodes) {
			for (const credential of Object.values(credentials)) assert.equal(credential.id, null);
		}
		assert.doesNotMatch(JSON.stringify(workflow), /mp_|whsec_|https?:\/\//);
	});

	test(`${name}: its Milepost nodes have every field they need, and no other`, async () => {
		const { types } = await opened();
		for (const node of ours(read(name))) {
			const { description } = types[node.type];
			assert.equal(NodeHelpers.getNodeParametersIssues(description.properties, node, description), null);
			const known = NodeHelpers.getNodeParameters(description.properties, node.parameters, true, false, node, description);
			assert.deepEqual(Object.keys(node.parameters).filter((key) => !(key in known)), []);
		}
	});
}

test('solved-tickets.json: the first ticket unlocks something', async () => {
	await call('POST', '/v1/recipes/helpdesk-sla/install', { state: 'live' });
	const { parameters } = ours(read('solved-tickets.json'))[0];
	const body = { agent: fresh('person'), ticket: fresh('t'), within_sla: true, solved_at: new Date().toISOString() };
	const { error, json } = await run(parameters, [{ body }]);
	assert.equal(error, undefined, error?.message);
	assert.deepEqual([json[0].unlocked, json[0].unlocked_names], [true, 'First Clean Solve']);
	assert.ok(json[0].progress.length > 0);
});
