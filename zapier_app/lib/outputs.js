const MOMENT = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/;

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const labelOf = (key) =>
  key
    .split('_')
    .map((word) => (word === 'id' ? 'ID' : word[0].toUpperCase() + word.slice(1)))
    .join(' ');

function typeOf(value) {
  if (typeof value === 'boolean' || typeof value === 'number') return { type: typeof value };
  return typeof value === 'string' && MOMENT.test(value) ? { type: 'datetime' } : {};
}

/** What people see of an answer, made from the example of it: a label for each value, of lists for the values of each line. */
export function outputsOf(sample, labels = {}, prefix = '') {
  return Object.entries(sample).flatMap(([name, value]) => {
    const key = prefix + name;
    const label = labels[key] ?? labelOf(name);
    if (isObject(value) && Object.keys(value).length) return outputsOf(value, labels, `${key}__`);
    if (!Array.isArray(value)) return [{ key, label, ...typeOf(value) }];
    if (isObject(value[0])) return [{ key, label, children: outputsOf(value[0]) }];
    return [{ key, label, list: true }];
  });
}

/** Mark the value by which repeated results are told. */
export const withPrimary = (outputs, key) => outputs.map((one) => (one.key === key ? { ...one, primary: true } : one));
