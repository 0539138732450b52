import { achievementField, personField } from '../lib/fields.js';
import { part } from '../lib/inputs.js';
import { sampleOf } from '../lib/package.js';
import { find, lookUpOne } from './find.js';

const MOST_FOUND = 20;

const sameAs = (text) => (one) => one.toLowerCase() === text.toLowerCase();

// the document of the rule, its advice and its versions are for whoever writes rules
const inShort = ({ key, name, purpose, category, scope, state, points, version, sentence }) => ({
  key,
  name,
  purpose,
  category,
  scope,
  state,
  points,
  version,
  sentence,
});

async function progressOf(z, { actor, achievement }) {
  const found = await lookUpOne(z, `/v1/actors/${part(z, 'Person', actor)}/progress`);
  if (!found) return [];
  if (!achievement) return [found];
  const ofIt = (one) => one.achievement === achievement;
  const progress = found.progress.filter(ofIt);
  return progress.length ? [{ ...found, progress, streaks: found.streaks.filter(ofIt) }] : [];
}

async function achievementBy(z, { achievement }) {
  const found = await lookUpOne(z, `/v1/achievements/${part(z, 'Achievement', achievement)}`);
  return found ? [inShort(found)] : [];
}

async function peopleLike(z, { text }) {
  const wanted = String(text ?? '').trim();
  if (!wanted) return [];
  const { data } = await z.request({ url: '/v1/actors', params: { search: wanted, limit: MOST_FOUND } });
  const isExact = ({ id, name }) => [id, name ?? ''].some(sameAs(wanted));
  // Zapier takes the first
  return [...data.items.filter(isExact), ...data.items.filter((one) => !isExact(one))];
}

export const searches = [
  find({
    key: 'find_progress',
    noun: 'Progress',
    label: 'Find Progress',
    description: 'Finds how far a person is with each achievement, and how long their streaks are.',
    fields: [personField(), achievementField({ required: false, helpText: 'Only this one; left empty, all of them.' })],
    lookUp: progressOf,
    sample: sampleOf('progress'),
    primary: 'holder',
  }),
  find({
    key: 'find_achievement',
    noun: 'Achievement',
    label: 'Find Achievement',
    description: 'Finds an achievement, with its rule as a sentence.',
    fields: [achievementField({ search: undefined, helpText: 'By its key, such as `clean-close`.' })],
    lookUp: achievementBy,
    sample: inShort(sampleOf('achievement')),
    primary: 'key',
  }),
  find({
    key: 'find_person',
    noun: 'Person',
    label: 'Find Person',
    description: 'Finds a person by a part of their name or e-mail address.',
    fields: [{ key: 'text', label: 'Name or E-Mail Address', required: true, placeholder: 'ana@example.com' }],
    lookUp: peopleLike,
    sample: sampleOf('person'),
    primary: 'id',
    labels: { id: 'Person' },
  }),
];
