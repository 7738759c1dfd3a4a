const both = ['curated', 'marts'];
const databases = ['lake', 'identity'];
const logs = ['audit-trail', 'gateway-access', 'ingest', 'watch-refused-flows'];
const copiedZones = ['audit', 'curated', 'identity', 'landing', 'marts', 'releases', 'witness'];

/** Keys that are used through their service alone: without a right at the service they open nothing. */
const throughServices = ['backup', 'catalogue', 'curation', 'events', 'evidence', 'functions', 'warehouse'].map(
  (key) => `opens with service-${key}`,
);
const evidence = ['evidence', 'configuration'].flatMap((bucket) => [`reads ${bucket}`, `lists ${bucket}`]);

/**
 * What each role that is no function's is for, in the words of touches.ts: everything else is denied it. Written apart from the code
 * that grants. A role of the stack that stands neither here nor in a manifest fails the test.
 */
export const serviceRoles: Readonly<Record<string, readonly string[]>> = {
  trail: ['writes the log of audit-trail'],
  'flow-logs': ['writes the log of watch-refused-flows'],
  // Its groups are named by API Gateway, which wants to read them as well (docs/findings.md).
  'gateway-logs': logs.flatMap((group) => [`writes the log of ${group}`, `reads the log of ${group}`]),
  'gateway-authoriser': ['invokes authoriser'],
  // Lake Formation lends it to whoever it lets to a table.
  'catalogue-places': both.flatMap((zone) => [`reads ${zone}`, `lists ${zone}`, `opens with store-${zone}`]),
  spark: [
    ...['reads curated', 'lists curated', 'stages in marts', 'seals with store-marts'],
    ...both.flatMap((zone) => [`opens with store-${zone}`, `looks up ${zone}`]),
    'opens with service-catalogue',
  ],
  'curation-runs': ['starts a job', 'hands spark to its jobs', 'publishes to alarms', 'opens with service-events'],
  'curation-schedule': ['starts a run'],
  warehouse: [
    ...['reads marts', 'lists marts', 'opens with store-marts', 'looks up marts'],
    'opens with service-catalogue',
  ],
  'research-flu': [
    ...['reads marts by the access point', 'opens with store-marts', 'looks up marts'],
    'opens with service-catalogue',
  ],
  // AWS maintains its policies, taken here for everything: its bounds, the boundary, buckets and keys are what holds it.
  backup: [
    ...copiedZones.flatMap((zone) => [
      ...['reads', 'writes', 'lists'].map((verb) => `${verb} ${zone}`),
      ...['opens', 'seals'].map((verb) => `${verb} with store-${zone}`),
    ]),
    'stages in marts',
    ...databases.flatMap((name) => [
      `opens with service-state-${name}`,
      `restores a database with service-state-${name}`,
    ]),
    ...evidence,
    ...throughServices,
  ],
};

/** Of roles that the stack of production has not got, since its settings ask for none. */
export const rolesOfSettings: Readonly<Record<string, readonly string[]>> = {
  // It reads the data of others, where it is asked to, and nothing of the lake.
  crawler: [
    ...['looks up foreign', 'changes foreign in the catalogue', 'opens with service-catalogue'],
    ...['reads what others put', 'lists what others put', 'opens what others put'],
    'makes an interface in the network',
  ],
  'business-intelligence': ['makes an interface in the network'],
};

/** Everything that an account gives somebody who looks after it, and that concerns nobody's data: none of it is identity. */
const operations = [
  ...evidence,
  ...throughServices,
  ...logs.flatMap((group) => [`writes the log of ${group}`, `reads the log of ${group}`]),
  ...both.flatMap((zone) => [`looks up ${zone}`, `changes ${zone} in the catalogue`]),
  // References to what landed, by pseudonym.
  ...['alarms', 'landed.clinical', 'landed.identity'].flatMap((topic) => [
    `publishes to ${topic}`,
    `subscribes to ${topic}`,
  ]),
  ...['landed.clinical', 'landed.identity'].flatMap((queue) => [
    `takes from ${queue}`,
    `takes from ${queue}-dead-letters`,
  ]),
  // Functions that are told no name: each does what is due, with its own rights, and ingest asks for a token.
  ...['audit-sealer', 'authoriser', 'bulk-import', 'curate', 'dispatch', 'erasure', 'identity', 'identity-audit-sealer']
    .concat(
      'compaction',
      'identity-collector',
      'ingest',
      'key-rotation',
      'research',
      'landing-collector',
      'marts',
      'provider-access',
    )
    .map((name) => `invokes ${name}`),
  ...['starts a run', 'starts a job', 'makes an interface in the network'],
  // Pseudonymised marts, as whoever the warehouse's own grants and the workspace let in.
  ...['comes to the warehouse', 'enters a workspace'],
];

const guards = [...copiedZones, 'inbox', 'evidence', 'configuration'].map((zone) => `changes the policy of ${zone}`);
const restores = databases.flatMap((name) => [
  `opens with service-state-${name}`,
  `restores a database with service-state-${name}`,
]);

/** Everybody else, by the policies of docs/account where one is given; without one a person has every right of the account. */
export const people = {
  /** Of the account, with every right that it gives. */
  administrator: operations,
  'lake-break-glass': [
    ...operations,
    ...guards,
    ...restores,
    'opens with service-secrets',
    ...databases.map((name) => `gives ${name}'s first user another password`),
    'puts other code into identity',
    'stops the trail',
  ],
  // What it builds it can also open: it is trusted, and watched. It runs nothing but the preparation.
  'lake-deploy': [
    ...guards,
    ...restores,
    ...throughServices,
    'opens with service-secrets',
    ...databases.map((name) => `gives ${name}'s first user another password`),
    ...both.flatMap((zone) => [`looks up ${zone}`, `changes ${zone} in the catalogue`]),
    ...['alarms', 'landed.clinical', 'landed.identity'].map((topic) => `subscribes to ${topic}`),
    // It looks whether each bucket is there (HeadBucket), and opens no object.
    ...[...copiedZones, 'inbox', 'evidence', 'configuration'].map((zone) => `lists ${zone}`),
    ...[
      'invokes prepare',
      'invokes identity-prepare',
      'puts other code into identity',
      'makes an interface in the network',
    ],
    ...['hands spark to its jobs', 'hands identity to a function', 'takes the policy of the vault away'],
    'comes to the warehouse',
  ],
  'lake-preview': ['lists configuration', 'lists evidence', 'looks up curated', 'looks up marts'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
