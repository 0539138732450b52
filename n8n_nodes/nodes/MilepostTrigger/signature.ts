import { createHmac, timingSafeEqual } from 'crypto';

/** A delivery that is older, or further ahead, is a replayed one. */
const WINDOW_SECONDS = 300;

interface Signed {
	id: unknown;
	timestamp: unknown;
	signature: unknown;
}

/** Verify a delivery as Standard Webhooks says: HMAC-SHA256 over `id.timestamp.body`, base64, any of the signatures given. */
export function isSigned(body: Buffer, { id, timestamp, signature }: Signed, secret: unknown, nowSeconds: number): boolean {
	if (typeof secret !== 'string' || secret === '') return false;
	if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') return false;
	const sent = Number(timestamp);
	if (!Number.isInteger(sent) || Math.abs(nowSeconds - sent) > WINDOW_SECONDS) return false;
	const wanted = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest();
	return signature.split(' ').some((one) => {
		const [version, text] = one.split(',', 2);
		const given = Buffer.from(text ?? '', 'base64');
		return version === 'v1' && given.length === wanted.length && timingSafeEqual(given, wanted);
	});
}
