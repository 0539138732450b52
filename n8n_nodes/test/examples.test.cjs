// The examples and the workflows of the recipes: n8n takes them, they hold nothing of anybody's instance, and their Milepost
// nodes are filled in as the package wants it.
'use strict';
const test = require('node:test');
const assert = require('node:assert/strict');
const { readdirSync, readFileSync } = require('node:fs');
const { basename, join } = require('node:path');
const { NodeHelpers, safeParseWorkflowStructure } = require('n8n-workflow');
const { call, fresh, opened, PACK, run } = require('./milepost.cjs');

const { PACKAGE, RECIPES } = process.env;
const EXAMPLES = join(PACKAGE, 'examples');
const examples = readdirSync(EXAMPLES).map((name) => join(EXAMPLES, name));
const ofRecipes = readdirSync(RECIPES, { recursive: true })
	.filter((path) => /^[^/]+\/n8n\/[^/]+\.json$|^[^/]+\.n8n\.json$/.test(path))
	.map((path) => join(RECIPES, path));
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const ours = ({ nodes }) => nodes.filter(({ type }) => type.startsWith(`${PACK}.`));
const isTrigger = ({ type }) => /trigger$/i.test(type);
/** Those that ask by themselves instead of being called. */
const ASKING = ['n8n-nodes-base.manualTrigger', 'n8n-nodes-base.salesforceTrigger', 'n8n-nodes-base.scheduleTrigger'];
const starts = (node) => isTrigger(node) || node.type === 'n8n-nodes-base.webhook';
const isCalled = (node) => starts(node) && !ASKING.includes(node.type);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('each recipe has the workflow for any system, and there is one for telling people', () => {
	const slugs = readdirSync(RECIPES, { withFileTypes: true }).filter((one) => one.isDirectory()).map(({ name }) => name);
	const wanted = [...slugs.map((slug) => `${slug}.webhook.json`), 'tell-people.n8n.json'];
	const names = ofRecipes.map((path) => basename(path));
	assert.deepEqual(wanted.filter((name) => !names.includes(name)), []);
});

for (const path of [...examples, ...ofRecipes]) {
	const name = basename(path);
	const workflow = read(path);

	test(`${name}: n8n takes it`, () => {
		const { success, error } = safeParseWorkflowStructure(workflow);
		assert.equal(success, true, JSON.stringify(error));
	});

	test(`${name}: it holds nothing of an instance`, () => {
		const { id, versionId, staticData, pinData, active, settings, meta, tags } = workflow;
		assert.deepEqual([id, versionId, staticData, pinData, active], [undefined, undefined, undefined, {}, false]);
		assert.deepEqual([settings.executionOrder, meta, tags], ['v1', { templateCredsSetupCompleted: false }, []]);
		for (const { credentials = {} } of workflow.nodes) {
			// n8n finds it by the name; with null in its place n8n 2.41 forgets the credential that somebody connects
			for (const credential of Object.values(credentials)) assert.equal(credential.id, '');
		}
		const text = JSON.stringify(workflow);
		assert.doesNotMatch(text, /mp_\w{8}|whsec_|localhost|127\.0\.0\.1|http:\/\//);
		if (examples.includes(path)) assert.doesNotMatch(text, /https:\/\//);
	});

	test(`${name}: its Milepost nodes have every field they need, and no other`, async () => {
		const { types } = await opened();
		for (const node of ours(workflow)) {
			const { description } = types[node.type];
			assert.equal(NodeHelpers.getNodeParametersIssues(description.properties, node, description), null);
			const known = NodeHelpers.getNodeParameters(description.properties, node.parameters, true, false, node, description);
			assert.deepEqual(Object.keys(node.parameters).filter((key) => !(key in known)), []);
			for (const { name: key, options } of description.properties.filter(({ type }) => type === 'collection')) {
				const inside = Object.keys(node.parameters[key] ?? {});
				if (key in known) assert.deepEqual(inside.filter((one) => !allOptions(description, key, node).has(one)), [], `${key} of ${options.length}`);
			}
			assert.deepEqual(node.credentials, { milepostApi: { id: '', name: 'Milepost account' } });
		}
	});

	test(`${name}: every node it names is there, and every expression names such a node`, () => {
		const names = new Set(workflow.nodes.map(({ name: known }) => known));
		const named = [
			...Object.keys(workflow.connections),
			...Object.values(workflow.connections).flatMap(({ main }) => main.flat().map(({ node }) => node)),
			...[...JSON.stringify(workflow.nodes).matchAll(/\$\('([^']+)'\)/g)].map(([, known]) => known),
		];
		assert.deepEqual(named.filter((one) => !names.has(one)), []);
		const isNote = ({ type }) => type === 'n8n-nodes-base.stickyNote';
		const reached = new Set(Object.values(workflow.connections).flatMap(({ main }) => main.flat().map(({ node }) => node)));
		const lonely = workflow.nodes.filter((node) => !isNote(node) && !starts(node) && !reached.has(node.name));
		assert.deepEqual(lonely.map(({ name: known }) => known), []);
	});
}

for (const path of ofRecipes) {
	const name = basename(path);
	const workflow = read(path);

	test(`${name}: what calls Milepost tries again`, () => {
		for (const node of ours(workflow).filter((one) => !isTrigger(one))) {
			const { retryOnFail, maxTries, waitBetweenTries } = node;
			assert.deepEqual({ retryOnFail, maxTries, waitBetweenTries }, { retryOnFail: true, maxTries: 3, waitBetweenTries: 2000 }, node.name);
		}
	});

	test(`${name}: a note says how to set it up, with the one address that an export fills in`, () => {
		const notes = workflow.nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote');
		assert.match(notes.map(({ parameters }) => parameters.content).join('\n'), /https:\/\/milepost\.example\.com/);
	});

	test(`${name}: whoever calls it from outside finds an address of its own`, () => {
		for (const node of workflow.nodes.filter(isCalled)) assert.match(node.webhookId ?? '', UUID, node.name);
	});
}

test('no two nodes have the same id or address', () => {
	const nodes = [...examples, ...ofRecipes].flatMap((path) => read(path).nodes);
	for (const key of ['id', 'webhookId']) {
		const ids = nodes.map((node) => node[key]).filter(Boolean);
		assert.deepEqual(ids.filter((id, place) => ids.indexOf(id) !== place), [], key);
		assert.ok(ids.every((id) => UUID.test(id)), key);
	}
	const paths = nodes.filter(({ type }) => type === 'n8n-nodes-base.webhook').map(({ parameters }) => parameters.path);
	assert.equal(new Set(paths).size, paths.length);
});

/** Give the names that a collection may have inside, in what this node is set to. */
function allOptions(description, key, node) {
	const shown = description.properties.filter(
		(property) => property.name === key && NodeHelpers.displayParameter(node.parameters, property, node, description),
	);
	return new Set(shown.flatMap(({ options }) => options.map((option) => option.name)));
}

test('solved-tickets.json: the first ticket unlocks something', async () => {
	await call('POST', '/v1/recipes/helpdesk-sla/install', { state: 'live' });
	const { parameters } = ours(read(join(EXAMPLES, 'solved-tickets.json')))[0];
	const body = { agent: fresh('person'), ticket: fresh('t'), within_sla: true, solved_at: new Date().toISOString() };
	const { error, json } = await run(parameters, [{ body }]);
	assert.equal(error, undefined, error?.message);
	assert.deepEqual([json[0].unlocked, json[0].unlocked_names], [true, 'First Clean Solve']);
	assert.ok(json[0].progress.length > 0);
});
