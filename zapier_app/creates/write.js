import { deduplicationField } from '../lib/fields.js';
import { given, repeatable } from '../lib/inputs.js';
import { outputsOf } from '../lib/outputs.js';

const asAnswered = (answer) => answer;

/** A step that writes: one call with what was filled in, which the server tells from its repetition by the Deduplication Key. */
export function write({
  key,
  noun,
  label,
  description,
  fields,
  deduplication,
  method = 'POST',
  path,
  body,
  show = asAnswered,
  sample,
  labels,
}) {
  const perform = async (z, { inputData }) => {
    const { data } = await z.request({
      method,
      url: path(z, inputData),
      headers: repeatable(inputData),
      body: given(body(inputData)),
    });
    return show(data);
  };
  const shown = show(sample);
  return {
    key,
    noun,
    display: { label, description },
    operation: {
      inputFields: [...fields, deduplicationField(deduplication)],
      perform,
      sample: shown,
      outputFields: outputsOf(shown, labels),
    },
  };
}
