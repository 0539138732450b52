import assert from 'node:assert/strict';
import { test } from 'node:test';
import zapier from 'zapier-platform-core';
import { App } from './app.js';
import { lint } from './lint.js';

const ask = async (command) => {
  // the handler tells how much memory it takes
  const { log } = console;
  console.log = () => {};
  try {
    return (await zapier.createAppHandler(App)({ command }, {})).results;
  } finally {
    console.log = log;
  }
};
// asked before anything is tested, because the platform's tester adds to the definition
const faults = await ask('validate');
const definition = await ask('definition');

test('the definition fits the schema of the platform', () => {
  assert.deepEqual(faults, []);
});

test('the definition keeps the rules of the platform', () => {
  assert.deepEqual(lint(definition), []);
});

test('there are these steps', () => {
  const keys = (kind) => Object.keys(definition[kind]).sort();
  assert.deepEqual(keys('triggers'), [
    'achievement_awarded',
    'achievement_revoked',
    'digest_ready',
    'review_needed',
    'streak_at_risk',
    'streak_broken',
  ]);
  assert.deepEqual(keys('creates'), [
    'add_leave',
    'check_in',
    'freeze_day',
    'give_award',
    'record_event',
    'review_award',
    'revoke_award',
    'save_person',
  ]);
  assert.deepEqual(keys('searches'), ['find_achievement', 'find_person', 'find_progress']);
});

test('every step that writes has a Deduplication Key', () => {
  for (const { operation } of Object.values(definition.creates))
    assert.equal(operation.inputFields.at(-1).key, 'deduplication_key');
});

const FAULTS = {
  'https-only': (one) => (one.creates.save_person.operation.sample.page = 'http://example.com'),
  'connection-label': (one) => (one.authentication.connectionLabel = '{{api_key}}'),
  'help-links-to-key': (one) => (one.authentication.fields[1].helpText = 'Ask somebody.'),
  'name-says-address': (one) => (one.authentication.fields[0].key = 'base_url'),
  'links-in-help': (one) => (one.authentication.fields[0].helpText = 'See https://example.com.'),
  'help-repeats-label': (one) => (one.creates.give_award.operation.inputFields[3].helpText = 'Note.'),
  description: (one) => (one.triggers.streak_broken.display.description = 'A streak broke.'),
  'title-case': (one) => (one.searches.find_person.display.label = 'Find person'),
  'has-fields': (one) => (one.creates.add_leave.operation.inputFields = []),
  'whole-hook': (one) => delete one.triggers.digest_ready.operation.performList,
  'no-credentials': (one) => one.creates.add_leave.operation.inputFields.push({ key: 'api_key', label: 'Key' }),
  'dropdown-for-id': (one) => one.creates.add_leave.operation.inputFields.push({ key: 'team_id', label: 'Team' }),
  'no-field-called-id': (one) => (one.creates.add_leave.operation.inputFields[0].label = 'Person ID'),
  'search-exists': (one) => (one.creates.add_leave.operation.inputFields[0].search = 'find_nobody.id'),
  'search-gives-it': (one) => (one.creates.add_leave.operation.inputFields[0].search = 'find_person.number'),
  sample: (one) => delete one.searches.find_progress.operation.sample,
  primary: (one) => delete one.triggers.streak_broken.operation.outputFields[0].primary,
  'primary-in-sample': (one) => delete one.triggers.streak_broken.operation.sample.id,
  label: (one) => (one.creates.give_award.operation.sample.colour = 'red'),
  'iso-dates': (one) => (one.creates.give_award.operation.sample.earned_at = '03/02/2026 10:00'),
  'output-in-sample': (one) => delete one.creates.give_award.operation.sample.note,
  types: (one) => (one.creates.give_award.operation.sample.points = 'five'),
};

for (const [rule, plant] of Object.entries(FAULTS)) {
  test(`a definition that breaks the rule ${rule} is noticed`, () => {
    const broken = structuredClone(definition);
    plant(broken);
    assert.ok(
      lint(broken).some((one) => one.startsWith(`${rule} `)),
      lint(broken).join('\n'),
    );
  });
}
