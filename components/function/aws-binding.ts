import { type Input, jsonStringify, type Output } from '@pulumi/pulumi';
import type { PortBindings } from '../../adapters/bindings';
import type { Manifest, Use } from '../../functions/manifest';
import { stateRoleOf } from '../../functions/manifest-grants';
import type { AwsHomes } from '../core/aws-homes';
import { type AwsTarget, awsAliasPrefix, awsName } from '../core/aws-target';
import { refuseIncapable } from '../core/capabilities';

/** The only folder a function on Lambda can write to. */
const spoolFolder = '/tmp/spool';
/**
 * Authorities of Amazon's own services, RDS among them, which Node does not trust by itself (Lambda Developer Guide, "Building
 * Lambda functions with Node.js", certificates of the runtime).
 */
const authorities = '/var/runtime/ca-cert.pem';

type Unresolved<Binding> = Binding extends unknown
  ? { readonly [Field in keyof Binding]: Input<NonNullable<Binding[Field]>> }
  : never;

/** The binding of a function on AWS as text: what each name of its manifest leads to. It holds no secret: roles open everything. */
export function awsBindingOf(target: AwsTarget, manifest: Manifest, homes: AwsHomes): Output<string> {
  const { region } = target;
  refuseIncapable(manifest, {
    objectStore: (zone) => ({ kind: 's3', objectLock: zone === 'audit' }),
    key: 'aws-kms',
    state: 'aurora-iam',
  });
  const lead = (use: Use): Unresolved<PortBindings[keyof PortBindings]> => {
    switch (use.port) {
      case 'objectStore': {
        const { bucket, signedUploads } = homes.stores[use.zone];
        return {
          kind: 's3',
          bucket,
          region,
          // Under Object Lock is audit alone (design section 6).
          ...(use.zone === 'audit' ? { objectLock: true } : {}),
          ...(signedUploads === true && use.prefix !== undefined ? { signedUploads } : {}),
        };
      }
      case 'key':
        return { kind: 'aws-kms', region, aliasPrefix: awsAliasPrefix(target) };
      case 'catalogue':
      case 'state': {
        const { catalogue } = homes;
        if (use.port === 'catalogue' && catalogue !== undefined) {
          const { curated: curatedDatabase, marts: martsDatabase } = catalogue.databases;
          const { curated, marts } = homes.stores;
          const places = { curated: `s3://${curated.bucket}`, marts: `s3://${marts.bucket}` };
          return { kind: 'glue', region, curatedDatabase, martsDatabase, ...places };
        }
        const { host, port, database } = homes.state[use.port === 'state' ? use.store.database : 'lake'];
        const user = stateRoleOf(manifest);
        return { kind: 'aurora-iam', host, port, database, user, region, caFile: authorities };
      }
      case 'query':
        return { kind: 'duckdb', spoolFolder };
      case 'requests':
        return { kind: 'lambda', region, functionName: awsName(target, use.to), qualifier: manifest.name };
      case 'callers':
        return { kind: 'lambda-alias' };
      case 'events': {
        const home = homes.topics[use.topic];
        if (home === undefined)
          throw new RangeError(`${manifest.name}: it publishes to ${use.topic}, and no topic was given for it.`);
        return { kind: 'sns', region, topicArn: home.topicArn };
      }
    }
  };
  return jsonStringify(Object.fromEntries(Object.entries(manifest.uses).map(([name, use]) => [name, lead(use)])));
}
