import { serverAddress } from './address.js';

const ONLY_MILEPOST = 'Check the server address of the connection.';

/** Send calls of a bare path to the connected server, with its key; a call to a whole address never gets the key. */
export const addServer = (request, z, bundle) => {
  if (!request.url.startsWith('/')) return request;
  let address;
  try {
    address = serverAddress(bundle.authData.server_address);
  } catch (error) {
    throw new z.errors.Error(error.message, 'AddressRefused');
  }
  request.url = address + request.url;
  // a redirect would carry the key to wherever it leads
  request.redirect = 'manual';
  request.headers = {
    ...request.headers,
    Accept: 'application/json',
    Authorization: `Bearer ${bundle.authData.api_key}`,
  };
  return request;
};

/** Give answers of Milepost on, and say what is wrong in the server's own words; what may go well later is tried again by Zapier. */
export const readAnswer = (response, z) => {
  const { status } = response;
  if (status === 204) return response;
  if (status < 300 && isObject(response.data)) return response;
  const problem = problemOf(response);
  if (status === 404 && response.skipThrowForStatus && problem?.type.endsWith('#not-found')) return response;
  const text = problem ? wordsOf(problem) : strangeWords(response);
  if (status === 401 && problem) throw new z.errors.ExpiredAuthError(text);
  const seconds = secondsToWait(response);
  if ((status === 409 || status === 503) && seconds) throw new z.errors.ThrottledError(text, seconds);
  throw new z.errors.Error(text, problem?.type.split('#')[1] ?? 'NotMilepost', status);
};

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The problem of Milepost in an answer; nothing if somebody else answered, such as a proxy. */
function problemOf({ status, data, getHeader }) {
  const isProblem = String(getHeader('content-type')).startsWith('application/problem+json') && isObject(data);
  return isProblem && data.status === status && String(data.type).startsWith('/docs/errors#') ? data : undefined;
}

function wordsOf({ title, detail = title, errors = [] }) {
  const places = errors
    .filter(({ message }) => !detail.includes(message))
    .map(({ pointer, message }) => `${pointer}: ${message}`);
  return [detail, ...places].join(' ');
}

function strangeWords({ status, getHeader }) {
  if (status >= 300 && status < 400)
    return `The server says it has moved to ${getHeader('location') ?? 'another address'}. ${ONLY_MILEPOST}`;
  if (status >= 500)
    return `What answered (${status}) is not Milepost, but something in front of it. Is the server running? ${ONLY_MILEPOST}`;
  return `What answered (${status}) is not Milepost. ${ONLY_MILEPOST}`;
}

/** How long the answer asks to wait: a number of seconds, or a date. */
function secondsToWait({ getHeader }) {
  const text = getHeader('retry-after');
  if (!text) return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - Date.now()) / 1000);
  return seconds > 0 ? seconds : undefined;
}
