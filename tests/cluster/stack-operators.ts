import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErasureCertificate } from '../../functions/erasure/erasure-plan';
import { identityRegisterStore } from '../../functions/identity/identity-register-store';
import { operatorAccount } from '../../functions/operator/manifest';
import { GoldenSender } from '../contract/golden-sender';
import { sealedRecords } from '../support/audit-reader';
import type { PulumiStack } from '../support/pulumi-stack';
import { aPatient } from '../support/verified-patient';
import { type ClusterLake, zoneOf } from './cluster-lake';
import { DeployedCommand } from './deployed-command';
import { repeatedPut } from './repeated-put';
import { operators, researchMart, type Site } from './site';

const numbers = { leaves: '9990000050', stays: '9990000069', wrong: '9990000070' } as const;

interface Here {
  readonly site: Site;
  readonly stack: PulumiStack;
  readonly lake: ClusterLake;
}

/** What people who operate a lake do from their own machines, and what others may not. */
export function stackOperators(here: () => Here): void {
  describe('is operated by the people whom its stack names', () => {
    let site: Site;
    let command: DeployedCommand;
    let lake: ClusterLake;
    let sends: ReturnType<typeof repeatedPut>;
    before(async () => {
      const given = here();
      ({ site, lake } = given);
      command = new DeployedCommand(site, given.stack);
      sends = repeatedPut(new GoldenSender(lake, await lake.register('ROPER', ['system/*.cu'])));
      for (const [id, number] of [
        ['leaves', numbers.leaves],
        ['stays', numbers.stays],
      ] as const) {
        await sends(`/Patient/${id}`, aPatient(id, number));
        await sends(`/Observation/of-${id}`, {
          resourceType: 'Observation',
          id: `of-${id}`,
          status: 'final',
          code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
          subject: { reference: `Patient/${id}` },
        });
      }
      await lake.settle();
    });
    after(() => lake?.stop());

    it('who see its providers, and no key but its name', async () => {
      const providers = await command.answered<{ ods: string; keys: unknown[]; disabled: boolean }[]>(
        'provider',
        'list',
      );
      const own = providers.find(({ ods }) => ods === 'ROPER');
      assert.deepEqual([own?.disabled, own?.keys.map((key) => typeof key)], [false, ['string']]);
    });

    it('who curate, and see that nothing waits', async () => {
      await sends('/Patient/further', aPatient('further', '9990000077'));
      await command.answered('curate');
      const { segments, totals } = await command.answered<{
        segments: { waiting: number };
        totals: { resources: number };
      }>('status');
      assert.deepEqual([segments.waiting, totals.resources > 4], [0, true]);
      const [row] = await lake.rows("SELECT count(*)::INTEGER AS n FROM curated.patient WHERE provider = 'ROPER'");
      assert.equal(Number(row?.n), 3);
    });

    it('who find, explain and replay a held message', async () => {
      const held = await sends('/Patient/held', aPatient('held', numbers.wrong));
      assert.equal(held.status, 202);
      const tracking = /tracking id ([0-9a-f-]{36})/.exec(await held.text())![1]!;
      const quarantine = ['identity', 'quarantine'] as const;
      const listed = await command.answered<{ tracking: string }[]>(...quarantine, 'list');
      assert.ok(listed.some((one) => one.tracking === tracking));
      assert.match(await command.told(...quarantine, 'explain', tracking), /nhs-number-invalid/);
      const replayed = await command.answered<{ status: string }[]>(
        ...quarantine,
        'replay',
        tracking,
        '--accept-nhs-number',
      );
      assert.deepEqual(
        replayed.map(({ status }) => status),
        ['stored'],
      );
      assert.ok(
        !(await command.answered<{ tracking: string }[]>(...quarantine, 'list')).some(
          (one) => one.tracking === tracking,
        ),
      );
    });

    it('who read marts by SQL, and no curated table', async () => {
      const rows = JSON.parse(
        await command.told('sql', `SELECT count(*) AS n FROM marts.${researchMart}`, '--format', 'json'),
      );
      assert.deepEqual(rows, [{ n: 1 }]);
      const refused = await command.asked('ann', operators.ann, 'sql', 'SELECT * FROM curated.patient');
      assert.deepEqual([refused.code, refused.out], [1, '']);
    });

    it('who erase a person, with a certificate that verifies and nobody left', async () => {
      const list = join(site.folder, 'people.txt');
      const file = join(site.folder, 'certificate.json');
      writeFileSync(list, `${numbers.leaves}\n`, { mode: 0o600 });
      await command.told('erase', '--nhs-number-file', list, '--out', file);
      const certificate = JSON.parse(readFileSync(file, 'utf8')) as ErasureCertificate;
      assert.deepEqual(certificate.erased.resources, { Patient: 1, Observation: 1 });
      assert.equal(await command.told('erase', 'verify', file), 'genuine\n');
      const forged = join(site.folder, 'forged.json');
      const erased = { ...certificate.erased, resources: { Patient: 2 } };
      writeFileSync(forged, JSON.stringify({ ...certificate, erased }));
      const { code, out } = await command.asked('ann', operators.ann, 'erase', 'verify', forged);
      assert.deepEqual([code, /^NOT genuine/.test(out)], [1, true]);

      const register = identityRegisterStore.open(lake.identityDatabase);
      assert.deepEqual(await register.patientsOf(numbers.leaves), []);
      assert.equal((await register.patientsOf(numbers.stays)).length, 1);
      for (const type of ['patient', 'observation']) {
        const [row] = await lake.rows(`SELECT count(*)::INTEGER AS n FROM curated.${type} WHERE provider = 'ROPER'`);
        assert.equal(Number(row?.n), type === 'patient' ? 3 : 1, type);
      }
      const again = await command.asked('ann', operators.ann, 'erase', '--nhs-number-file', list);
      assert.equal(again.code, 1);
      assert.ok(!`${again.out}${again.error}`.includes(numbers.leaves));
    });

    it('who verify both streams of its audit, in which they stand by name', async () => {
      const report = await command.answered<{ ok: boolean; records: number }>('audit', 'verify');
      assert.ok(report.ok && report.records > 0);
      assert.ok(await lake.auditVerifies());
      for (const [stream, action] of [
        ['lake', 'lake provider list'],
        ['lake', 'lake erase'],
        ['lake', 'lake erase verify'],
        ['identity', 'lake erase'],
        ['identity', 'lake identity quarantine list'],
      ] as const) {
        const agents = (await sealedRecords(lake.storeOf('audit'), stream))
          .filter((one) => one.action === action && one.outcome.result === 'allowed')
          .map(({ agent }) => `${agent.kind} ${agent.id}`);
        assert.ok(agents.length > 0 && agents.every((agent) => agent === 'operator ann'), `${stream} ${action}`);
      }
    });

    it('and by nobody else: not in their own name, not in another', async () => {
      for (const [operator, user] of [
        ['eve', 'eve@site.example'],
        ['ann', 'eve@site.example'],
        ['ben', operators.ann],
      ] as const) {
        const { code, out, error } = await command.asked(operator, user, 'status');
        assert.deepEqual([code, out], [1, ''], `${operator} as ${user}`);
        assert.match(error, /kubectl made no token/);
      }
    });

    it('nor by an account that only the cluster knows: the desk itself refuses it, and says so in the audit', async () => {
      const namespace = zoneOf('lake');
      const account = operatorAccount('mallory');
      const user = 'administrator@site.example';
      // As an administrator of the cluster could: an account named as an operator's, that the stack does not name.
      site.apply(
        { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace } },
        {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRoleBinding',
          metadata: { name: 'test-administrator' },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
          subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
        },
      );
      const { code, out, error } = await command.asked('mallory', user, 'status').finally(() => {
        site.kubectl('delete', 'clusterrolebinding', 'test-administrator');
        site.kubectl('delete', 'serviceaccount', '-n', namespace, account);
      });
      assert.deepEqual([code, out], [1, '']);
      assert.match(error, /Only operators whom the stack names/);
      assert.ok(await lake.auditVerifies());
      const denied = (await sealedRecords(lake.storeOf('audit'), 'lake')).filter(
        ({ action, outcome, agent }) =>
          action === 'lake status' && outcome.result === 'denied' && agent.id === 'unknown',
      );
      assert.equal(denied.length, 1);
    });

    it('whose rights at the API server are their two desks and their own token', () => {
      const desks = [
        ['lake', 'operator-0'],
        ['identity', 'identity-operator-0'],
      ] as const;
      const places = ['lake', 'identity', 'keys', 'stores', 'names'] as const;
      const asking = (verb: string, resource: string, zone: (typeof places)[number], name?: string) => {
        const [first, subresource] = resource.split('/');
        return {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: {
            user: operators.ann,
            groups: ['system:authenticated'],
            resourceAttributes: {
              namespace: zoneOf(zone),
              verb,
              group: '',
              resource: first,
              ...(subresource === undefined ? {} : { subresource }),
              ...(name === undefined ? {} : { name }),
            },
          },
        };
      };
      const theirs = [
        ...desks.flatMap(([zone, pod]) => [
          asking('get', 'pods', zone, pod),
          asking('create', 'pods/portforward', zone, pod),
        ]),
        asking('create', 'serviceaccounts/token', 'lake', operatorAccount('ann')),
      ];
      const others = [
        asking('create', 'serviceaccounts/token', 'lake', operatorAccount('ben')),
        asking('create', 'serviceaccounts/token', 'lake', 'erasure'),
        asking('create', 'serviceaccounts/token', 'identity', 'identity-operator'),
        asking('create', 'pods/portforward', 'lake', 'dispatch-0'),
        asking('create', 'pods/portforward', 'identity', 'identity-requests-0'),
        ...places.flatMap((zone) =>
          [
            ['create', 'pods/portforward'],
            ['create', 'pods/exec'],
            ['get', 'pods/log'],
            ['list', 'pods'],
            ['create', 'pods'],
            ['get', 'secrets'],
            ['create', 'serviceaccounts/token'],
          ].map(([verb, resource]) => asking(verb!, resource!, zone)),
        ),
      ];
      const allowed = site.review([...theirs, ...others]);
      assert.deepEqual(
        allowed,
        [...theirs, ...others].map((_, index) => index < theirs.length),
      );
    });
  });
}
