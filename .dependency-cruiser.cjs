/** The arrows of docs/architecture.md: data and imports flow one way. */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'ports-know-nothing',
      comment: 'A port is an interface: it imports other ports only.',
      severity: 'error',
      from: { path: '^adapters/ports/' },
      to: { path: '^(functions|components|stacks|tests|adapters/(?!ports/))' },
    },
    {
      name: 'adapters-stay-below',
      comment: 'An adapter sees ports, the shared wrappers and its vendor, never a use case or another vendor.',
      severity: 'error',
      from: { path: '^adapters/(?!ports/)([^/]+)/' },
      to: {
        path: '^(functions|components|stacks|tests)/|^adapters/(?!ports/|shared/|bindings)([^/]+)/',
        pathNot: '^adapters/$1/',
      },
    },
    {
      name: 'functions-over-ports',
      comment: 'Use cases and knowledge see ports only; the hosts and the command line compose.',
      severity: 'error',
      from: { path: '^functions/(?!hosts/|cli/)' },
      to: { path: '^(adapters/(?!ports/|bindings|capabilities)|functions/(hosts|cli)/|components|stacks|tests)' },
    },
    {
      name: 'only-roots-see-the-container',
      severity: 'error',
      from: { pathNot: '^functions/(hosts|cli)/|^tests/' },
      to: { path: 'node_modules/inversify' },
    },
    {
      name: 'only-cli-imports-hosts',
      comment: 'What makes the bundles is part of none.',
      severity: 'error',
      from: { path: '^(stacks|components|adapters|functions/(?!hosts/|cli/))' },
      to: { path: '^functions/(hosts|cli)/', pathNot: '^functions/cli/build[.]js$' },
    },
    {
      name: 'components-see-plain-data',
      severity: 'error',
      from: { path: '^components/' },
      to: {
        path: '^(functions|adapters|stacks)/',
        pathNot: '^functions/(manifest|state-store)|^functions/[^/]+/manifest|^adapters/(bindings|capabilities)',
      },
    },
    {
      name: 'vendor-packages-in-vendor-files',
      severity: 'error',
      from: {
        path: '^(stacks|components|adapters|functions)/',
        pathNot: '(aws|azure|kubernetes|guardrails|s3-compatible)',
      },
      to: { path: 'node_modules/(@pulumi/(aws|awsx|azure-native|kubernetes)|@aws-sdk|@azure)' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { pathNot: '^tests/' },
      to: { path: '^tests/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.json'] },
  },
};
