import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Read by every Node process of the engine before its own code. In the development provider it adds what RDS answers for a cluster
 * whose first login it keeps (Amazon RDS API Reference, DBCluster: MasterUserSecret), and Redshift for a namespace: made up, as all its answers are.
 */
const preload = `
const { dirname, join } = require('node:path');
const [, main = '', vendor] = process.argv;
if (main.endsWith(join('stub-provider', 'main.js')) && vendor === 'aws') {
  const { providers } = require(join(dirname(main), 'rules.js'));
  const { output } = providers.aws;
  providers.aws.output = (resource, key, inputs, ...rest) =>
    resource.cls === 'Cluster' && key === 'masterUserSecrets'
      ? [{ kmsKeyId: inputs.masterUserSecretKmsKeyId, secretStatus: 'active',
           secretArn: 'arn:aws:secretsmanager:eu-west-2:123456789012:secret:rds!' + inputs.clusterIdentifier }]
      : resource.cls === 'Namespace' && key === 'adminPasswordSecretArn'
        ? 'arn:aws:secretsmanager:eu-west-2:123456789012:secret:redshift!' + inputs.namespaceName
        : output(resource, key, inputs, ...rest);
}
`;

/**
 * The environment of the engine for stacks on AWS. The development provider takes `httpTokens` of an instance's metadata options
 * (a setting: required) for a credential, so it warns of plain text instead of refusing it; the suite looks at what it warned of.
 */
export function awsEnvironment(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const file = join(mkdtempSync(join(tmpdir(), 'lake-answers-')), 'answers.cjs');
  writeFileSync(file, preload);
  return { ...environment, NODE_OPTIONS: `--require=${file}`, PULUMI_STUB_SECRETS: 'warn' };
}
