import { newsTrigger } from './news.js';

// what is shaped for Slack and Teams is for programs; Zapier's own steps take the text
const withoutShapes = ({ data: { slack, teams, ...data }, ...news }) => ({ ...news, data });
const ofAward = { data__id: 'Award ID' };

export const triggers = [
  newsTrigger({
    kind: 'achievement.awarded',
    key: 'achievement_awarded',
    noun: 'Award',
    label: 'Achievement Awarded',
    description: 'Triggers when somebody earns an achievement.',
    labels: ofAward,
  }),
  newsTrigger({
    kind: 'achievement.revoked',
    key: 'achievement_revoked',
    noun: 'Award',
    label: 'Achievement Revoked',
    description: 'Triggers when an award no longer stands, because its data changed or it was taken back.',
    labels: ofAward,
  }),
  newsTrigger({
    kind: 'streak.at_risk',
    key: 'streak_at_risk',
    noun: 'Streak',
    label: 'Streak at Risk',
    description: 'Triggers when the working day is nearly over and a streak still wants to be met.',
  }),
  newsTrigger({
    kind: 'streak.broken',
    key: 'streak_broken',
    noun: 'Streak',
    label: 'Streak Broken',
    description: 'Triggers when a streak has ended, its time of grace included.',
  }),
  newsTrigger({
    kind: 'review.needed',
    key: 'review_needed',
    noun: 'Review',
    label: 'Review Needed',
    description: 'Triggers when an award waits for the decision of a person, or a question about it for an answer.',
    labels: ofAward,
  }),
  newsTrigger({
    kind: 'digest.ready',
    key: 'digest_ready',
    noun: 'Digest',
    label: 'Digest Ready',
    description: 'Triggers when a daily or weekly digest for a person or team is ready.',
    isOfAchievements: false,
    show: withoutShapes,
  }),
];
