import { getStack, interpolate, type Output, output } from '@pulumi/pulumi';
import { Audit } from '../components/audit';
import type { LogCollector } from '../components/audit/audit-args';
import { Backup } from '../components/backup';
import { DerivedSecrets } from '../components/core/derived-secrets';
import { Events } from '../components/events';
import { LakeFunction } from '../components/function';
import { callsRoleOf } from '../components/function/binding';
import type { LakeHomes } from '../components/function/function-args';
import { Gateway } from '../components/gateway';
import { Guardrails } from '../components/guardrails';
import { KeyRing } from '../components/key-ring';
import type { NetworkZone } from '../components/network/network-args';
import type { StoreLogin } from '../components/object-store/object-store-args';
import { Preparation } from '../components/preparation';
import { ProviderAccess } from '../components/provider-access';
import type { ProviderAccessArgs, ProviderAccessResult } from '../components/provider-access/provider-access-args';
import { backupManifest } from '../functions/backup/manifest';
import { collectedPrefix, logCollectorManifest } from '../functions/log-collector/manifest';
import { identityOperatorManifest, operatorAccount, operatorManifest } from '../functions/operator/manifest';
import { declaredClientId, everyScope } from '../functions/provider-access/declared-providers';
import { sparkManifest } from '../functions/spark/manifest';
import { bucketPoliciesOf } from './bucket-policies';
import type { LakeConfig } from './config';
import { type DeployedFunction, deployedFunctions } from './deployed-functions';
import { operatorsOf } from './network-settings';
import { type LakeNetwork, networkOf, peopleOf } from './networks';
import { retentionOf } from './retention-settings';
import { senderLimits } from './sender-limits';
import type { SiteParts } from './site-parts';
import { credentialsOf, storesOf } from './site-stores';
import { deploySpark } from './spark';
import { companionsOf, deployWarehouse } from './warehouse';
import { accountsOf, preparingAccount } from './zone-accounts';

interface Desk {
  readonly namespace: Output<string>;
  readonly pod: string;
  /** Of the token that proves who asks. */
  readonly audience: string;
}

/** What `pulumi stack output` shows. */
export interface LakeOutputs {
  /** Base of the FHIR API. */
  readonly baseUrl: Output<string>;
  readonly tokenUrl: Output<string>;
  /** How to send a first message. */
  readonly send: string;
  /** Where people who operate the lake are answered, by the name of the function. */
  readonly desks: Readonly<Record<string, Desk>>;
  /** What the control plane has to write down: the site gives it to its API server. */
  readonly auditPolicy: Output<string>;
  /** Of a site's own object store: what each function may do in each bucket, which the site sets there. */
  readonly bucketPolicies?: ReturnType<typeof bucketPoliciesOf>;
  readonly namespaces: Readonly<Partial<Record<NetworkZone, Output<string>>>>;
}

/** The whole lake on a cluster: components wired to each other. */
export function deployLake(config: LakeConfig, site: SiteParts): LakeOutputs {
  const functions = deployedFunctions(config);
  const manifests = functions.map(({ manifest }) => manifest);
  const companions = companionsOf(config);
  const everyone = [...functions, ...companions];
  const network = networkOf(config, site.target);
  const { target } = network;
  const users = { lake: network.place('lake'), identity: network.place('identity'), stores: network.place('stores') };

  new Guardrails('guardrails', {
    target,
    places: network.places,
    accounts: accountsOf(functions, companions, config),
    imageSources: target.imageSources,
    people: peopleOf(config),
    operators: operatorsOf(config),
    desks: { lake: operatorManifest.name, identity: identityOperatorManifest.name },
  });
  const secrets = new DerivedSecrets(config.deploymentSecret);
  const credentials = Object.fromEntries(
    everyone.map(({ manifest: { name } }) => [name, credentialsOf(name, secrets, site)] as const),
  );
  const stores = storesOf(config, site, network, users, secrets, {
    manifests: everyone.map(({ manifest }) => manifest),
    logins: credentials,
  });
  const keyRing = new KeyRing('key-ring', {
    target,
    mount: config.name,
    place: network.place('keys'),
    users,
    manifests,
    preparing: { place: users.stores, name: preparingAccount },
    sealKey: secrets.hex('openbao seal'),
    ...(site.keyRing === undefined ? {} : { existing: site.keyRing }),
  });

  const originOf = ({ manifest, zone }: Pick<DeployedFunction, 'manifest' | 'zone'>) =>
    interpolate`http://${manifest.name}.${network.place(zone)}.svc.cluster.local`;
  const named = (name: string): DeployedFunction => {
    const found = functions.find(({ manifest }) => manifest.name === name);
    if (found === undefined) throw new RangeError(`No function ${name} is deployed.`);
    return found;
  };
  const events = new Events('events', {
    target,
    place: users.lake,
    // A person's decision about links is told to the identity function from its own zone.
    places: { lake: users.lake, identity: users.identity },
    subscriptions: [
      { topic: 'landed.identity', subject: 'identity', subscriber: originOf(named('identity')) },
      { topic: 'landed.clinical', subject: 'landing', subscriber: originOf(named('curate')) },
    ],
    transport: transportOf(config),
  });
  const asked = functions.filter(({ manifest }) => manifest.trigger.kind === 'request');
  const homes: LakeHomes = {
    ...stores.homes,
    keys: keyRing.built.home,
    sinks: events.built.sinks,
    functions: Object.fromEntries(asked.map((one) => [one.manifest.name, originOf(one)])),
  };
  const preparation = new Preparation(
    'preparation',
    {
      target,
      place: users.stores,
      account: preparingAccount,
      functions: everyone.map(({ manifest, zone }) => ({ manifest, place: network.place(zone) })),
      credentials,
      homes,
      administrator: stores.administrator,
      operators: Object.keys(operatorsOf(config)).map((name) => ({
        namespace: users.lake,
        name: operatorAccount(name),
      })),
      keyRole: keyRing.built.preparingRole,
      providers: config.providers,
      ...(stores.storeAdministrator === undefined ? {} : { storeAdministrator: stores.storeAdministrator }),
    },
    { dependsOn: [stores.objectStore, stores.stateDatabase, keyRing] },
  );

  const audit = new Audit('audit', {
    target,
    place: users.stores,
    places: network.places as Readonly<Record<string, Output<string>>>,
    ...collectorOf(network, stores.homes, credentials),
  });
  const backupLogin = credentials[backupManifest.name];
  if (site.archive !== undefined && backupLogin !== undefined)
    new Backup('backup', {
      target,
      manifest: backupManifest,
      place: users.stores,
      source: stores.homes.objectStore,
      login: backupLogin,
      archive: site.archive,
    });
  const catalogue = deployWarehouse(config, {
    target,
    places: { lake: users.lake, stores: users.stores, tre: network.places.tre },
    homes: stores.homes,
    administrator: stores.administrator,
    logins: credentials,
    secrets,
    users: site.warehouseUsers,
    metastore: site.metastore,
  });

  deploySpark(config, {
    target,
    place: network.places.spark,
    objectStore: stores.homes.objectStore,
    login: credentials[sparkManifest.name],
    secrets,
  });

  const hosts = {
    ingest: config.ingestHost,
    ...(config.tokenIssuer === 'own' ? { 'provider-access': config.tokenHost } : {}),
  };
  const senderOrigin = (name: 'ingest' | 'provider-access') =>
    hosts[name] === undefined
      ? interpolate`${config.scheme}://${name}.${network.place(named(name).zone)}.${config.domain}`
      : output(`https://${hosts[name]}`);
  const baseUrl = interpolate`${senderOrigin('ingest')}/FHIR/R4`;
  const foreign = foreignIssuer(config, { target, audience: baseUrl, users: { lake: users.lake } });
  const issuing =
    foreign === undefined
      ? {
          LAKE_ISSUER: senderOrigin('provider-access'),
          LAKE_JWKS_URL: interpolate`${originOf(named('provider-access'))}/oauth2/jwks`,
        }
      : { LAKE_TOKENS: foreign.tokens };
  const common = { LAKE_ORIGIN: senderOrigin('ingest'), ...issuing };
  const functionHomes = catalogue === undefined ? homes : { ...homes, catalogue };
  const deployed = functions.map(({ manifest, zone, ...rest }) => {
    const environment = { ...common, ...senderLimits(manifest, config), ...retentionOf(manifest, config) };
    const args = { target, manifest, place: network.place(zone), homes: functionHomes, environment, ...rest };
    return new LakeFunction(
      manifest.name,
      { ...args, credentials: credentials[manifest.name] ?? {} },
      { dependsOn: [preparation, events] },
    );
  });
  const names = Object.entries(hosts).flatMap(([functionName, host]) =>
    host === undefined ? [] : [{ functionName, host, place: network.place(named(functionName).zone) }],
  );
  if (names.length > 0 && config.certificateIssuer !== undefined)
    new Gateway('gateway', { target, names, issuer: config.certificateIssuer }, { dependsOn: deployed });
  return {
    baseUrl,
    tokenUrl:
      foreign === undefined ? interpolate`${senderOrigin('provider-access')}/oauth2/token` : output(foreign.tokenUrl),
    send: `lake send --stack ${getStack()} --provider FILE_OF_CREDENTIALS PATH`,
    desks: Object.fromEntries(
      [operatorManifest, identityOperatorManifest].map(({ name }) => [
        name,
        { namespace: network.place(named(name).zone), pod: `${name}-0`, audience: callsRoleOf(config.name, name) },
      ]),
    ),
    namespaces: network.places,
    auditPolicy: audit.built.policy,
    ...(site.objectStore === undefined
      ? {}
      : {
          bucketPolicies: bucketPoliciesOf(
            config,
            everyone.map(({ manifest }) => manifest),
          ),
        }),
  };
}

/** The site's own issuer, where the configuration names one. */
function foreignIssuer(
  { tokenIssuer, keycloakIssuer: issuer, keycloakInstance: instance, keycloakCidrs: cidrs, providers }: LakeConfig,
  rest: Pick<ProviderAccessArgs, 'target' | 'audience' | 'users'>,
): Omit<ProviderAccessResult<unknown>, 'native'> | undefined {
  if (tokenIssuer !== 'keycloak' || issuer === undefined || instance === undefined) return undefined;
  const [place = '', name = ''] = instance.split('/');
  const clients = providers.flatMap(({ ods, jwks, scopes = everyScope }) =>
    jwks === undefined ? [] : [{ clientId: declaredClientId(ods), ods, scopes, jwks }],
  );
  return new ProviderAccess('token-issuer', { ...rest, keycloak: { place, name, issuer, cidrs }, providers: clients })
    .built;
}

function collectorOf(
  network: LakeNetwork,
  { objectStore }: Pick<LakeHomes, 'objectStore'>,
  logins: Readonly<Record<string, StoreLogin>>,
): { readonly collector?: LogCollector } {
  const { logs: place } = network.places;
  const login = logins[logCollectorManifest.name];
  if (place === undefined || login === undefined) return {};
  return { collector: { manifest: logCollectorManifest, place, objectStore, login, prefix: collectedPrefix } };
}

function transportOf({ events, brokerClass, brokerIngress, deadLetterSink }: LakeConfig) {
  if (events === 'direct') return { kind: 'direct' } as const;
  return { kind: 'broker', brokerClass, ingress: brokerIngress, deadLetterSink: deadLetterSink ?? '' } as const;
}
