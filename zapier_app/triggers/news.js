import { achievementField } from '../lib/fields.js';
import { given } from '../lib/inputs.js';
import { outputsOf, withPrimary } from '../lib/outputs.js';
import { sampleOf } from '../lib/package.js';

const SAMPLES_SHOWN = 3;
const MOST_LISTED = 50;

const asSent = (news) => news;

/** The trigger of one kind of news: a REST hook, and a list of the newest to set a Zap up with. */
export function newsTrigger({
  kind,
  key,
  noun,
  label,
  description,
  isOfAchievements = true,
  show = asSent,
  labels = {},
}) {
  const chosen = ({ inputData }) => (isOfAchievements && inputData.achievement) || undefined;

  const subscribe = async (z, bundle) => {
    const achievements = chosen(bundle) && [chosen(bundle)];
    const body = given({ url: bundle.targetUrl, events: [kind], achievements, name: `Zapier: ${label}` });
    const { data } = await z.request({ method: 'POST', url: '/v1/subscriptions', body });
    // the secret is not kept: what cannot be verified needs none
    return { id: data.id };
  };

  const unsubscribe = async (z, bundle) => {
    const { id } = bundle.subscribeData;
    await z.request({ method: 'DELETE', url: `/v1/subscriptions/${encodeURIComponent(id)}`, skipThrowForStatus: true });
    return { id };
  };

  // a test of the place comes as another type, and is no news
  const receive = (z, { cleanedRequest }) => (cleanedRequest?.type === kind ? [show(cleanedRequest)] : []);

  const list = async (z, bundle) => {
    const limit = bundle.meta?.isLoadingSample ? SAMPLES_SHOWN : MOST_LISTED;
    const { data } = await z.request({
      url: '/v1/news',
      params: given({ type: kind, achievement: chosen(bundle), limit }),
    });
    return data.items.map(show);
  };

  const sample = show(sampleOf(kind));
  return {
    key,
    noun,
    display: { label, description },
    operation: {
      type: 'hook',
      inputFields: isOfAchievements
        ? [achievementField({ required: false, helpText: 'Only news of this one; left empty, of all.' })]
        : [],
      performSubscribe: subscribe,
      performUnsubscribe: unsubscribe,
      perform: receive,
      performList: list,
      sample,
      outputFields: withPrimary(outputsOf(sample, { id: 'News ID', timestamp: 'Happened At', ...labels }), 'id'),
    },
  };
}
