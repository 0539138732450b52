import { achievementField, awardField, dayField, personField, teamField } from '../lib/fields.js';
import { part } from '../lib/inputs.js';
import { sampleOf } from '../lib/package.js';
import { write } from './write.js';

const holderFields = [
  personField({ required: false, helpText: 'Whose it is; for a team choose the team instead.' }),
  teamField({ helpText: 'In place of a person.' }),
];
const ofAward = { noun: 'Award', sample: sampleOf('award'), labels: { id: 'Award ID' } };

export const giveAward = write({
  ...ofAward,
  key: 'give_award',
  label: 'Give Award',
  description: 'Gives an award by hand.',
  fields: [
    achievementField(),
    ...holderFields,
    { key: 'note', label: 'Note', type: 'text', helpText: 'Why it is given; whoever gets it can read it.' },
    { key: 'points', label: 'Points', type: 'integer', helpText: 'Left empty, those of the achievement.' },
  ],
  path: () => '/v1/awards',
  body: ({ achievement, actor, team, note, points }) => ({ achievement, actor, team, note, points }),
});

export const revokeAward = write({
  ...ofAward,
  key: 'revoke_award',
  label: 'Revoke Award',
  description: 'Takes an award back for good, and says why.',
  fields: [
    awardField('granted'),
    { key: 'reason', label: 'Reason', type: 'text', required: true, helpText: 'The person concerned can read it.' },
  ],
  path: (z, { award }) => `/v1/awards/${part(z, 'Award', award)}/revocation`,
  body: ({ reason }) => ({ reason }),
});

export const reviewAward = write({
  ...ofAward,
  key: 'review_award',
  label: 'Review Award',
  description: 'Decides about an award that waits for a person.',
  fields: [
    awardField('in_review'),
    { key: 'decision', label: 'Decision', required: true, choices: { approved: 'Approved', rejected: 'Rejected' } },
    personField({
      key: 'by',
      label: 'Decided By',
      required: false,
      helpText: 'Who decides. Nobody decides about an award of their own.',
    }),
    { key: 'note', label: 'Note', type: 'text', helpText: 'Why, for the person whose award it is.' },
  ],
  path: (z, { award }) => `/v1/awards/${part(z, 'Award', award)}/review`,
  body: ({ decision, by, note }) => ({ decision, by, note }),
});

export const freezeDay = write({
  key: 'freeze_day',
  noun: 'Freeze',
  label: 'Freeze Day of Streak',
  description: 'Freezes a day, so that missing it does not end a streak.',
  fields: [
    achievementField(),
    dayField('day', 'Day', { required: true, helpText: 'The day where the person works, such as `2026-03-02`.' }),
    ...holderFields,
    { key: 'note', label: 'Note', type: 'text', helpText: 'Why it may be missed.' },
  ],
  path: (z, { achievement }) => `/v1/streaks/${part(z, 'Achievement', achievement)}/freezes`,
  body: ({ actor, team, day, note }) => ({ actor, team, day, note }),
  sample: sampleOf('freeze'),
});
