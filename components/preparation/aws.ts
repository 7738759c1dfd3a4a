import { Invocation, ResourcePolicy } from '@pulumi/aws/lambda';
import { type Input, jsonStringify } from '@pulumi/pulumi';
import type { Manifest } from '../../functions/manifest';
import { stateRoleOf } from '../../functions/manifest-grants';
import { preparationManifest } from '../../functions/preparation/manifest';
import type { DatabaseName } from '../../functions/state-store';
import type { AwsHomes } from '../core/aws-homes';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { policyText } from '../core/aws-policy';
import { firstUserStatements } from '../core/aws-service-grants';
import { awsAliasPrefix, awsFunctionArn } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';
import { mebibytes } from '../core/units';
import { type AwsFunction, type AwsFunctionArgs, awsFunction } from '../function/aws';
import { awsCodeVersion } from '../function/aws-code';

type FunctionSettings = 'network' | 'code' | 'keys' | 'logRetentionDays' | 'alarmTopicArn';

export interface AwsPreparationArgs extends AwsComponentArgs, Pick<AwsFunctionArgs, FunctionSettings> {
  readonly homes: AwsHomes;
  /** The functions to prepare for. */
  readonly manifests: readonly Manifest[];
  /**
   * ARN of the layer that AWS gives for Secrets Manager, of the region (Secrets Manager User Guide, "AWS Parameters and Secrets
   * Lambda Extension"): the login of the databases' first user is asked of it and stands nowhere else.
   */
  readonly secretsExtensionArn: string;
  /** Who may send, as functions/provider-access/declared-providers.ts checked it. */
  readonly providers: readonly object[];
  /** By ODS code, the client ids that Cognito gave them. */
  readonly clientIds?: Readonly<Record<string, Input<string>>>;
}

export interface AwsPreparation {
  readonly kind: 'aws';
  readonly prepare: AwsFunction;
  /** What waits for this finds databases, roles and keys ready. */
  readonly invocation: Invocation;
}

/** A function that each deployment invokes when it, a manifest or a setting changed: databases, roles, the first pseudonym key. */
export function awsPreparation(component: LakeComponent, name: string, args: AwsPreparationArgs): AwsPreparation {
  const { target, homes, manifests, providers } = args;
  const { transform: _, ...settings } = args;
  const databases = Object.keys(homes.state) as DatabaseName[];
  const prepare = awsFunction(component, `${name}-prepare`, {
    ...settings,
    manifest: preparationManifest,
    place: { zone: 'lake', classification: 'secret' },
    trigger: { kind: 'invocation' },
    memory: mebibytes(512),
    timeout: 600,
    // Two deployments at once would make the same roles.
    concurrency: 1,
    layers: [args.secretsExtensionArn],
    beyondManifest: {
      permissions: ['secrets', ...databases.map((database) => `state-${database}` as const)],
      statements: databases.flatMap((database) => firstUserStatements(target, homes.state[database])),
    },
  });
  const withState = manifests.filter(({ uses }) => Object.values(uses).some(({ port }) => port === 'state'));
  const parts = new AwsParts(component, name, args, { zone: 'lake', classification: 'none' });
  const serverOf = (database: DatabaseName): Readonly<Record<string, Input<string | number>>> => {
    const { host, port, secretArn } = homes.state[database];
    return { host, port, secretId: secretArn, caFile: '/var/runtime/ca-cert.pem' };
  };
  const input = jsonStringify({
    servers: { lake: serverOf('lake'), identity: serverOf('identity') },
    databases: { lake: homes.state.lake.database, identity: homes.state.identity.database },
    roles: Object.fromEntries(withState.map((manifest) => [manifest.name, stateRoleOf(manifest)])),
    keys: { kind: 'aws-kms', region: target.region, aliasPrefix: awsAliasPrefix(target) },
    providers,
    ...(args.clientIds === undefined ? {} : { clientIds: args.clientIds }),
  });
  const resource = awsFunctionArn(target, preparationManifest.name);
  // It holds the databases' first users, and does what it is told: where, for whom.
  const closed = parts.add(
    ResourcePolicy,
    'deployers-alone',
    {
      resourceArn: resource,
      policy: policyText([
        {
          Sid: 'NobodyElseInvokesIt',
          Effect: 'Deny',
          Principal: '*',
          Action: 'lambda:InvokeFunction',
          Resource: resource,
          Condition: { ArnNotLike: { 'aws:PrincipalArn': [...target.deployers] } },
        },
      ]),
    },
    { dependsOn: [prepare.lambda] },
  );
  const invocation = parts.add(
    Invocation,
    'invocation',
    {
      functionName: prepare.lambda.name,
      input,
      triggers: {
        code: awsCodeVersion(args.code),
        // A grant taken out of a manifest is taken out of the database.
        manifests: JSON.stringify(withState.map(({ name: of, uses }) => [of, operationsOf(uses)])),
      },
    },
    { dependsOn: [closed] },
  );
  parts.complete();
  return { kind: 'aws', prepare, invocation };
}

const operationsOf = (uses: Manifest['uses']): readonly string[] =>
  Object.values(uses)
    .flatMap((use) =>
      use.port === 'state' ? use.operations.map((operation) => `${use.store.name}.${String(operation)}`) : [],
    )
    .sort();
