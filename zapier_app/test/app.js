import assert from 'node:assert/strict';
import zapier from 'zapier-platform-core';
import App from '../index.js';
import { milepost } from './server.js';

export { App };

export const appTester = zapier.createAppTester(App);

/** What Zapier gives a step: the connection to the server of the tests unless another is named. */
export const bundleOf = (inputData = {}, more = {}) => ({
  authData: { server_address: milepost.url, api_key: milepost.key },
  meta: {},
  ...more,
  inputData,
});

export const create = (key, inputData, more) =>
  appTester(App.creates[key].operation.perform, bundleOf(inputData, more));
export const search = (key, inputData, more) =>
  appTester(App.searches[key].operation.perform, bundleOf(inputData, more));
export const connect = (authData) => appTester(App.authentication.test, { authData });

/** Run a function as the app's own. */
export const run = (perform, bundle) => appTester((z, given) => perform(z, given), bundle);

/** What a failed step says: the name of the error, and what is in it. */
export async function failure(step) {
  const error = await step.then(
    (result) => assert.fail(`It went well: ${JSON.stringify(result)}`),
    (thrown) => thrown,
  );
  if (error instanceof assert.AssertionError) throw error;
  const isDocument = error.message.startsWith('{');
  return { name: error.name, ...(isDocument ? JSON.parse(error.message) : { message: error.message }) };
}

/** The keys of a value, with those inside; what differs between one answer and another is left out. */
export const keysOf = (value) => Object.keys(value).sort();
