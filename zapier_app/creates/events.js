import { achievementField, momentField, personField } from '../lib/fields.js';
import { pairsOf, part } from '../lib/inputs.js';
import { sampleOf } from '../lib/package.js';
import { write } from './write.js';

// what is shaped for Slack and Teams is for programs; Zapier's own steps take the text
const withPlainMessages = (answer) => ({
  ...answer,
  messages: answer.messages.map(({ audience, when, text }) => ({ audience, when, text })),
});

export const recordEvent = write({
  key: 'record_event',
  noun: 'Event',
  label: 'Record Event',
  description: 'Records what happened, and finds out whether it counted and what was earned.',
  fields: [
    {
      key: 'type',
      label: 'Event Type',
      required: true,
      placeholder: 'ticket.solved',
      helpText: 'Words joined by dots, in the past tense, such as `ticket.solved`.',
    },
    personField({
      required: false,
      helpText: 'Who did it. Leave it out for what no colleague did, such as a ticket that was reopened.',
    }),
    { key: 'subject', label: 'Subject', placeholder: 'ticket-123', helpText: 'The record it happened to.' },
    {
      key: 'event_id',
      label: 'Event Key',
      placeholder: 'ticket-123-solved',
      helpText:
        'Stays the same whenever the same thing is told again: then it counts once, and a change of the record is a correction.',
    },
    momentField('occurred_at', 'Occurred At', 'When it happened; without it, now.'),
    momentField('revised_at', 'Revised At', 'When the record was last changed; of two states the later one counts.'),
    {
      key: 'properties',
      label: 'Properties',
      dict: true,
      helpText: 'What the rules look at, such as `within_sla` and `true`.',
    },
  ],
  deduplication: {
    helpText:
      'For events without an *Event Key*: a value from the trigger that stays the same when the Zap is replayed. With an *Event Key* leave it empty.',
  },
  path: () => '/v1/evaluate',
  body: ({ event_id: id, type, actor, subject, occurred_at, revised_at, properties }) => ({
    id,
    type,
    actor,
    subject,
    occurred_at,
    revised_at,
    properties: pairsOf(properties),
  }),
  show: withPlainMessages,
  sample: sampleOf('answer'),
  labels: { event_id: 'Event Key' },
});

export const checkIn = write({
  key: 'check_in',
  noun: 'Check-In',
  label: 'Check In to Streak',
  description: 'Records that a person did what a streak asks for.',
  fields: [
    achievementField(),
    personField(),
    momentField('occurred_at', 'Occurred At', 'When it was done; without it, now.'),
  ],
  path: (z, { achievement }) => `/v1/streaks/${part(z, 'Achievement', achievement)}/check-ins`,
  body: ({ actor, occurred_at }) => ({ actor, occurred_at }),
  show: withPlainMessages,
  sample: sampleOf('check-in'),
  labels: { event_id: 'Event Key' },
});
