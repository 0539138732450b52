import { serverAddress } from './lib/address.js';
import { description } from './lib/package.js';

const test = async (z, bundle) => {
  const { data } = await z.request({ url: '/v1/me' });
  if (!Array.isArray(data.scopes)) {
    throw new z.errors.Error('What answers there is not Milepost. Check the server address.', 'NotMilepost');
  }
  return { ...data, host: new URL(serverAddress(bundle.authData.server_address)).host };
};

export default {
  type: 'custom',
  test,
  connectionLabel: '{{name}} ({{host}})',
  fields: [
    {
      key: 'server_address',
      label: 'Server Address',
      required: true,
      isNoSecret: true,
      placeholder: 'https://milepost.example.com',
      helpText: 'Where the internet reaches your own server, such as `https://milepost.example.com`.',
    },
    {
      key: 'api_key',
      label: 'API Key',
      type: 'password',
      required: true,
      helpText:
        'Made on the machine your server runs on: ' +
        '`milepost key create Zapier --scope evaluate --scope award --scope read --scope manage`. ' +
        `What the scopes allow stands [in your server's pages](${description.homepage}).`,
    },
  ],
};
