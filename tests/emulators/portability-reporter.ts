import { writeFileSync } from 'node:fs';
import type { MochaOptions, Runner, Test } from 'mocha';
import { ResultsReporter } from '../support/results-reporter';
import { PortabilityMatrix } from './portability-matrix';

const introduction = `# Portability

Written by \`npm run test:emulators\`: each port, each adapter, what its contract suite showed in that run. *Proven* counts the tests
that passed; *refused as declared* means that the adapter does not declare the capability and refuses it before any call; *no network*
that it reaches nothing (shown), and what fails there instead; *not run* says why.

A server on one machine is evidence about that server, not about a vendor's service. Run the same suites against your own: each of
these variables takes a URL, or several parted by commas, with the credentials as user and password and \`?name=\` as the heading
of the column.

| variable | a URL of |
| --- | --- |
| \`LAKE_CONTRACT_S3\` | an S3 endpoint; may make buckets; \`longest-segment=255\` where keys become file names; \`object-lock=yes\` to run it a second time in a bucket with Object Lock |
| \`LAKE_CONTRACT_AZURE\` | an account of Azure Blob; may make containers |
| \`LAKE_CONTRACT_POSTGRES\` | a PostgreSQL server; may make databases and roles |
| \`LAKE_CONTRACT_AWS\` | an AWS emulator; may make keys, topics, queues and buckets |
| \`LAKE_CONTRACT_KEYCLOAK\` | a Keycloak; its administrator makes realms |
| \`LAKE_CONTRACT_OPENBAO\` | an OpenBao server; the password is a token that may mount engines |
| \`LAKE_CONTRACT_HIVE\` | a Hive metastore of version 4 without tables: \`thrift://HOST:9083/?curated=FOLDER&marts=FOLDER\`, where its two databases lie; its tables stay behind |

To run one of them alone, and write nothing: \`LAKE_CONTRACT_S3=https://KEY:SECRET@HOST npm run test:emulators -- -g 'ObjectStore: S3'\`
(the heading of a column as it stands below, with its port). Signs in a key or secret that a URL reserves are percent-encoded. Events over
HTTP go to a sink that the suite brings; the services of AWS other than S3 were held to an emulator alone, not to an account.

Not counted, because the servers here are not faithful in it: the checksums that moto and the secrets that it does not check, the
asymmetric keys of KMS (a stand-in of ours holds them before moto), its key policies and disabled keys, anything of
Azure beyond plain blobs (Azurite keeps no versions, retention or holds), permissions of S3 and Azure roles.
`;

/** Prints as \`spec\` does, then the matrix; writes it too when a whole run was asked for (\`output\`). */
class PortabilityReporter extends ResultsReporter {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    const matrix = new PortabilityMatrix();
    const add = (outcome: Parameters<PortabilityMatrix['add']>[1]) => (test: Test) => {
      // A failed hook has no place of its own: it counts against the suite it stands in.
      matrix.add(test.titlePath(), outcome);
    };
    runner.on('pass', add('passed'));
    runner.on('fail', add('failed'));
    runner.on('pending', add('pending'));
    runner.once('end', () => {
      const text = `${introduction}\n${matrix.toMarkdown()}`;
      process.stdout.write(`\n${text}`);
      const { output } = (options.reporterOptions ?? {}) as { readonly output?: string };
      if (output !== undefined && options.grep === undefined) writeFileSync(output, text);
    });
  }
}

module.exports = PortabilityReporter;
