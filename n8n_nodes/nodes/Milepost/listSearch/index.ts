import type { IDataObject, ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { callMilepost } from '../wire/calls';

interface Page extends IDataObject {
	items: IDataObject[];
	next_after?: string | null;
}

const PAGES_AT_ONCE = 10;

const matches = (filter: string | undefined, ...texts: unknown[]) =>
	!filter || texts.some((text) => String(text).toLowerCase().includes(filter.toLowerCase()));

export async function searchAchievements(this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
	const { items } = (await callMilepost.call(this, 'GET', '/v1/achievements')) as Page;
	const found = items.filter(({ key, name }) => matches(filter, key, name));
	return { results: found.map(({ key, name }) => ({ name: String(name), value: String(key) })) };
}

export async function searchPeople(
	this: ILoadOptionsFunctions,
	filter?: string,
	after?: string,
): Promise<INodeListSearchResult> {
	const qs = { search: filter || undefined, after: after || undefined };
	const page = (await callMilepost.call(this, 'GET', '/v1/actors', { qs })) as Page;
	return {
		results: page.items.map(({ id, name }) => ({ name: name ? `${name} (${id})` : String(id), value: String(id) })),
		paginationToken: page.next_after ?? undefined,
	};
}

export async function searchRecipes(this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
	const { items } = (await callMilepost.call(this, 'GET', '/v1/recipes')) as Page;
	const found = items.filter(({ slug, name }) => matches(filter, slug, name));
	return { results: found.map(({ slug, name }) => ({ name: String(name), value: String(slug) })) };
}

/** Look through some pages until something fits; n8n asks for the next ones while a person scrolls. */
export async function searchAwards(
	this: ILoadOptionsFunctions,
	filter?: string,
	after?: string,
): Promise<INodeListSearchResult> {
	let next: string | null | undefined = after;
	let found: IDataObject[] = [];
	for (let turn = 0; turn < PAGES_AT_ONCE && found.length === 0; turn++) {
		const qs = { limit: 200, after: next || undefined };
		const page = (await callMilepost.call(this, 'GET', '/v1/awards', { qs })) as Page;
		found = page.items.filter(({ name, actor, team }) => matches(filter, name, actor, team));
		next = page.next_after;
		if (!next) break;
	}
	const results = found.map(({ id, name, actor, team, earned_at }) => ({
		name: `${name}: ${actor ?? team}, ${String(earned_at).slice(0, 10)}`,
		value: String(id),
	}));
	return { results, paginationToken: next ?? undefined };
}
