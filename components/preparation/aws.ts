import { Invocation, ResourcePolicy } from '@pulumi/aws/lambda';
import { type Input, jsonStringify, type Resource } from '@pulumi/pulumi';
import type { Manifest } from '../../functions/manifest';
import { stateRoleOf } from '../../functions/manifest-grants';
import { identityPreparationManifest, preparationManifest } from '../../functions/preparation/manifest';
import type { DatabaseName } from '../../functions/state-store';
import type { AwsHomes } from '../core/aws-homes';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { type PolicyStatement, policyText } from '../core/aws-policy';
import { firstUserStatements } from '../core/aws-service-grants';
import { type AwsTarget, awsAliasPrefix, awsFunctionArn } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';
import { mebibytes } from '../core/units';
import { type AwsFunction, type AwsFunctionArgs, awsFunction } from '../function/aws';
import { awsCodeVersion } from '../function/aws-code';

type FunctionSettings = 'code' | 'keys' | 'logRetentionDays' | 'alarmTopicArn';

export interface AwsPreparationArgs extends AwsComponentArgs, Pick<AwsFunctionArgs, FunctionSettings> {
  readonly homes: AwsHomes;
  /** Of each zone, as its functions have it. */
  readonly networks: Readonly<Record<DatabaseName, AwsFunctionArgs['network']>>;
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
  /** What must be there before a database is prepared; the functions that do it are made meanwhile. */
  readonly after: readonly Resource[];
}

export interface AwsPreparation {
  readonly kind: 'aws';
  /** By the database that it makes. */
  readonly prepare: Readonly<Record<DatabaseName, AwsFunction>>;
  /** Functions of the lake run after these. */
  readonly invocations: readonly Invocation[];
}

const databaseNames = ['lake', 'identity'] as const;
const preparations: Readonly<Record<DatabaseName, Manifest>> = {
  lake: preparationManifest,
  identity: identityPreparationManifest,
};

/**
 * A function in each zone that each deployment invokes when it, a manifest or a setting changed: the zone's database and its roles,
 * in the lake's the first pseudonym key. Neither comes to the other's database.
 */
export function awsPreparation(component: LakeComponent, name: string, args: AwsPreparationArgs): AwsPreparation {
  const parts = new AwsParts(component, name, args, { zone: 'lake', classification: 'none' });
  const prepared = databaseNames.map((database) => addPreparation(component, name, parts, database, args));
  parts.complete();
  return {
    kind: 'aws',
    prepare: Object.fromEntries(prepared.map(({ database, prepare }) => [database, prepare])) as Record<
      DatabaseName,
      AwsFunction
    >,
    invocations: prepared.map(({ invocation }) => invocation),
  };
}

function addPreparation(
  component: LakeComponent,
  name: string,
  parts: AwsParts,
  database: DatabaseName,
  args: AwsPreparationArgs,
) {
  const { transform: _, networks, providers, clientIds, after, ...settings } = args;
  const { target, homes, manifests } = args;
  const manifest = preparations[database];
  const prepare = awsFunction(component, `${name}-${manifest.name}`, {
    ...settings,
    manifest,
    network: networks[database],
    place: { zone: database, classification: 'secret' },
    trigger: { kind: 'invocation' },
    memory: mebibytes(512),
    timeout: 600,
    // Two deployments at once would make the same roles.
    concurrency: 1,
    layers: [args.secretsExtensionArn],
    beyondManifest: {
      permissions: ['secrets', `state-${database}`],
      statements: firstUserStatements(target, homes.state[database]),
    },
  });
  const withState = manifests.filter(({ uses }) => Object.values(uses).some(({ port }) => port === 'state'));
  const { host, port, secretArn, database: called } = homes.state[database];
  const input = jsonStringify({
    servers: { [database]: { host, port, secretId: secretArn, caFile: '/var/runtime/ca-cert.pem' } },
    databases: { [database]: called },
    roles: Object.fromEntries(withState.map((one) => [one.name, stateRoleOf(one)])),
    keys: { kind: 'aws-kms', region: target.region, aliasPrefix: awsAliasPrefix(target) },
    ...(database === 'lake' ? { providers, ...(clientIds === undefined ? {} : { clientIds }) } : {}),
  });
  const role = (rest: string): string => (database === 'lake' ? rest : `${database}-${rest}`);
  const closed = parts.add(
    ResourcePolicy,
    role('deployers-alone'),
    {
      resourceArn: awsFunctionArn(target, manifest.name),
      policy: policyText([deployersAlone(target, awsFunctionArn(target, manifest.name))]),
    },
    { dependsOn: [prepare.lambda] },
  );
  const invocation = parts.add(
    Invocation,
    role('invocation'),
    {
      functionName: prepare.lambda.name,
      input,
      triggers: {
        code: awsCodeVersion(args.code),
        // A grant taken out of a manifest is taken out of the database.
        manifests: JSON.stringify(withState.map(({ name: of, uses }) => [of, operationsOf(uses)])),
      },
    },
    { dependsOn: [closed, ...after] },
  );
  return { database, prepare, invocation };
}

/** It holds the login of a database's first user, and does what it is told: where, for whom. */
const deployersAlone = ({ deployers }: AwsTarget, resource: string): PolicyStatement => ({
  Sid: 'NobodyElseInvokesIt',
  Effect: 'Deny',
  Principal: '*',
  Action: 'lambda:InvokeFunction',
  Resource: resource,
  Condition: { ArnNotLike: { 'aws:PrincipalArn': [...deployers] } },
});

const operationsOf = (uses: Manifest['uses']): readonly string[] =>
  Object.values(uses)
    .flatMap((use) =>
      use.port === 'state' ? use.operations.map((operation) => `${use.store.name}.${String(operation)}`) : [],
    )
    .sort();
