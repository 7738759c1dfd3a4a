/**
 * Commands of Pulumi that the documents use, each with the options it takes there. A default test holds the documents to this
 * table; the real command line is given those of the guide to AWS (tests/emulators/aws-guide.test.ts).
 */
export const pulumiCommands: Readonly<Record<string, readonly string[]>> = {
  cancel: ['stack', 'yes'],
  'config rm': [],
  'config set': ['plaintext', 'secret', 'stack'],
  destroy: ['stack', 'yes'],
  login: [],
  preview: ['stack', 'policy-pack', 'diff'],
  refresh: ['stack', 'yes', 'preview-only'],
  'stack export': ['stack', 'file'],
  'stack init': ['secrets-provider'],
  'stack output': ['stack', 'json'],
  'stack rm': ['stack', 'yes'],
  'state unprotect': ['all', 'stack', 'yes'],
  up: ['stack', 'policy-pack', 'yes'],
};
