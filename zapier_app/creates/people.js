import { calendarField, dayField, personField, teamField } from '../lib/fields.js';
import { pairsOf, part } from '../lib/inputs.js';
import { sampleOf } from '../lib/package.js';
import { write } from './write.js';

const ofPerson = { noun: 'Person', sample: sampleOf('person'), labels: { id: 'Person' } };
const addressOf = (z, { actor }) => `/v1/actors/${part(z, 'Person', actor)}`;

export const savePerson = write({
  ...ofPerson,
  key: 'save_person',
  label: 'Create or Update Person',
  description: 'Creates a person, or changes the fields that are filled in.',
  fields: [
    personField(),
    { key: 'name', label: 'Name', placeholder: 'Ana Diaz' },
    { key: 'role', label: 'Role', placeholder: 'agent' },
    teamField(),
    personField({ key: 'manager', label: 'Manager', required: false, helpText: 'Who is told as manager.' }),
    { key: 'zone', label: 'Time Zone', placeholder: 'Europe/Madrid', helpText: 'Without it, that of the calendar.' },
    calendarField({ helpText: 'The working days; without it, those of the team or the default ones.' }),
    { key: 'segments', label: 'Segments', dict: true, helpText: 'Such as `quota_band` and `enterprise`.' },
    { key: 'aliases', label: 'Names in Other Systems', dict: true, helpText: 'Such as `zendesk` and `123`.' },
  ],
  method: 'PUT',
  path: addressOf,
  body: ({ name, role, team, manager, zone, calendar, segments, aliases }) => ({
    name,
    role,
    team,
    manager,
    zone,
    calendar,
    segments: pairsOf(segments),
    aliases: pairsOf(aliases),
  }),
});

export const addLeave = write({
  ...ofPerson,
  key: 'add_leave',
  label: 'Add Leave',
  description: 'Adds days on which nobody expects work, so that no streak breaks on them.',
  fields: [
    personField(),
    dayField('first_on', 'First Day', { required: true, helpText: 'Such as `2026-03-02`.' }),
    dayField('last_on', 'Last Day', { helpText: 'Left empty, it is the one day.' }),
  ],
  path: (z, inputData) => `${addressOf(z, inputData)}/leave`,
  body: ({ first_on, last_on }) => ({ first_on, last_on }),
});
