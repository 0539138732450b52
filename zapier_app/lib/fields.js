import { achievements, awards, calendars, people, teams } from './dropdowns.js';

export const achievementField = (more = {}) => ({
  key: 'achievement',
  label: 'Achievement',
  required: true,
  choices: { perform: achievements },
  search: 'find_achievement.key',
  ...more,
});

export const personField = (more = {}) => ({
  key: 'actor',
  label: 'Person',
  required: true,
  choices: { perform: people },
  search: 'find_person.id',
  helpText: 'As Milepost knows the person, mostly by e-mail address.',
  ...more,
});

export const teamField = (more = {}) => ({ key: 'team', label: 'Team', choices: { perform: teams }, ...more });

export const calendarField = (more = {}) => ({
  key: 'calendar',
  label: 'Calendar',
  choices: { perform: calendars },
  ...more,
});

export const awardField = (status) => ({
  key: 'award',
  label: 'Award',
  required: true,
  choices: { perform: awards(status) },
  helpText: 'The award itself, such as `aw_be9d6ab1fd508276c414f4ad`: what news calls *Award ID*.',
});

export const momentField = (key, label, helpText) => ({ key, label, type: 'datetime', helpText });

export const dayField = (key, label, more = {}) => ({ key, label, placeholder: '2026-03-02', ...more });

export const deduplicationField = (more = {}) => ({
  key: 'deduplication_key',
  label: 'Deduplication Key',
  helpText:
    'A value from the trigger that stays the same when the Zap is replayed, such as the number of the record, so that the step is done once. ' +
    'What is done for another reason needs another one.',
  ...more,
});
