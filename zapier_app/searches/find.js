import { outputsOf, withPrimary } from '../lib/outputs.js';

/** A search: what *lookUp* finds, or nothing. */
export function find({ key, noun, label, description, fields, lookUp, sample, primary, labels }) {
  return {
    key,
    noun,
    display: { label, description },
    operation: {
      inputFields: fields,
      perform: (z, { inputData }) => lookUp(z, inputData),
      sample,
      outputFields: withPrimary(outputsOf(sample, labels), primary),
    },
  };
}

/** The answer of an address, or nothing where the server knows no such thing. */
export async function lookUpOne(z, url) {
  const response = await z.request({ url, skipThrowForStatus: true });
  return response.status === 404 ? undefined : response.data;
}
