// What Zapier's own checks say of a definition, as far as its public reference tells; they need an account and the internet, this does not.
const SMALL_WORDS = new Set([
  'a',
  'an',
  'and',
  'as',
  'at',
  'but',
  'by',
  'for',
  'in',
  'nor',
  'of',
  'on',
  'or',
  'the',
  'to',
  'up',
  'via',
  'with',
]);
const LOOKS_LIKE_DAY = /^\d{1,4}[-/. ]\w{1,9}[-/. ]\d{1,4}\b/;
const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?$/;
const TYPES = {
  string: (value) => typeof value === 'string',
  integer: Number.isInteger,
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  datetime: (value) => typeof value === 'string' && ISO.test(value),
};

/** Give every breach of the rules in a definition as `rule place`. */
export const lint = (definition) => [
  ...insecure(definition),
  ...ofAuthentication(definition.authentication),
  ...['triggers', 'creates', 'searches'].flatMap((kind) =>
    Object.entries(definition[kind]).flatMap(([key, step]) => ofStep(definition, kind, `${kind}.${key}`, step)),
  ),
];

const breach = (isBroken, rule, place) => (isBroken ? [`${rule} ${place}`] : []);

function insecure(value, place = 'definition') {
  if (typeof value === 'string') return breach(/^http:\/\//.test(value), 'https-only', place);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => insecure(one, `${place}.${key}`));
}

const ofAuthentication = ({ fields, connectionLabel }) => [
  ...breach(
    !connectionLabel || /key\}\}|password|secret|Milepost/.test(connectionLabel),
    'connection-label',
    'authentication',
  ),
  ...fields.flatMap(({ key, label, helpText }) => [
    ...breach(/key|secret|token/.test(key) && !/\]\(https:\/\/[^)\s]+\)/.test(helpText), 'help-links-to-key', key),
    ...breach(/url|domain|host/.test(key), 'name-says-address', key),
    ...ofText(key, label, helpText),
  ]),
];

function ofText(place, label, helpText) {
  const bare = (helpText ?? '').replace(/`[^`]*`/g, '').replace(/\[[^\]]+\]\(https:\/\/[^)\s]+\)/g, '');
  return [
    ...breach(!isTitle(label), 'title-case', place),
    ...breach(/https?:|\]\(|javascript:|data:/i.test(bare), 'links-in-help', place),
    ...breach(helpText?.replace(/\.$/, '').toLowerCase() === label?.toLowerCase(), 'help-repeats-label', place),
  ];
}

function isTitle(label) {
  const words = (label ?? '').split(' ');
  return words.every(
    (word, at) => /^[A-Z0-9]/.test(word) || (at > 0 && at < words.length - 1 && SMALL_WORDS.has(word)),
  );
}

function ofStep(definition, kind, place, { display, operation }) {
  const sentence = kind === 'triggers' ? /^Triggers when .+\.$/ : /^[A-Z][a-z]+s .+\.$/;
  const fields = operation.inputFields ?? [];
  return [
    ...breach(!sentence.test(display.description), 'description', place),
    ...breach(!isTitle(display.label), 'title-case', place),
    ...breach(kind !== 'triggers' && !fields.length, 'has-fields', place),
    ...breach(
      kind === 'triggers' && !(operation.performSubscribe && operation.performUnsubscribe && operation.performList),
      'whole-hook',
      place,
    ),
    ...fields.flatMap((field) => ofField(definition, `${place}.${field.key}`, field)),
    ...ofSample(place, kind, operation),
  ];
}

const ofField = (definition, place, { key, label, helpText, choices, search }) => [
  ...ofText(place, label, helpText),
  ...breach(/api_?key|password|secret|token/.test(key), 'no-credentials', place),
  ...breach(/(^|_)id$/.test(key) && key !== 'event_id' && !choices, 'dropdown-for-id', place),
  ...breach(/\bIDs?$/.test(label), 'no-field-called-id', place),
  ...breach(search && !(definition.searches[search.split('.')[0]] && choices), 'search-exists', place),
  ...breach(
    search && !outputKeys(definition.searches[search.split('.')[0]]).has(search.split('.')[1]),
    'search-gives-it',
    place,
  ),
];

const outputKeys = (step) => new Set((step?.operation.outputFields ?? []).map(({ key }) => key));

function ofSample(place, kind, { sample, outputFields = [] }) {
  if (!sample || !Object.keys(sample).length) return [`sample ${place}`];
  const primary = outputFields.filter((field) => field.primary).map(({ key }) => key);
  const labelled = new Set(outputFields.map(({ key }) => key.split('__')[0]));
  return [
    ...breach(kind !== 'creates' && !primary.length, 'primary', place),
    ...primary.flatMap((key) => breach(!(key in sample), 'primary-in-sample', `${place}.${key}`)),
    ...Object.keys(sample).flatMap((key) => breach(!labelled.has(key), 'label', `${place}.${key}`)),
    ...Object.entries(sample).flatMap(([key, value]) =>
      breach(isUnclearDay(key, value), 'iso-dates', `${place}.${key}`),
    ),
    ...outputFields.flatMap((field) =>
      ofOutput(
        `${place}.${field.key}`,
        field,
        field.key.split('__').reduce((value, part) => value?.[part], sample),
      ),
    ),
  ];
}

const isUnclearDay = (key, value) =>
  typeof value === 'string' && (LOOKS_LIKE_DAY.test(value) || /_(at|on)$/.test(key)) && !ISO.test(value);

const ofOutput = (place, { label, type }, value) => [
  ...breach(!isTitle(label), 'title-case', place),
  ...breach(value === undefined, 'output-in-sample', place),
  ...breach(type && value !== null && value !== undefined && !TYPES[type](value), 'types', place),
];
