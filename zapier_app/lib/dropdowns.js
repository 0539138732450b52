/** A page of a list as Zapier's dropdowns want it; the token of the next page is the server's own. */
const choose = (url, params, choice) => async (z, bundle) => {
  const { data } = await z.request({ url, params: { ...params, after: bundle.meta?.paging_token || undefined } });
  return { results: data.items.map(choice), paging_token: data.next_after };
};

/** A few that come as one page. */
const chooseOfFew = (url, choice) => async (z) => {
  const { data } = await z.request({ url });
  return { results: data.items.map(choice), paging_token: null };
};

const labelled = (id, name) => ({ id, label: name && name !== id ? `${name} (${id})` : id });
const award = ({ id, name, actor, team, earned_at: at }) => ({
  id,
  label: `${name}: ${actor ?? team}, ${at.slice(0, 10)}`,
});

export const achievements = chooseOfFew('/v1/achievements', ({ key, name }) => labelled(key, name));
export const teams = chooseOfFew('/v1/teams', ({ id, name }) => labelled(id, name));
export const calendars = chooseOfFew('/v1/calendars', ({ key }) => ({ id: key, label: key }));
export const people = choose('/v1/actors', {}, ({ id, name }) => labelled(id, name));
export const awards = (status) => choose('/v1/awards', { status }, award);
