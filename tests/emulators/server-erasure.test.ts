import assert from 'node:assert/strict';
import { isLakeError } from '../../adapters/ports/errors';
import { isGenuine } from '../../functions/erasure/certificate';
import type { ErasureCertificate } from '../../functions/erasure/erasure-plan';
import { identityRegisterStore } from '../../functions/identity/identity-register-store';
import { endedRun } from '../support/ended-run';
import { describeOver } from '../support/given-servers';
import { aPatient } from '../support/verified-patient';
import { askFunction } from './ask-function';
import { type ServedLake, servedLake } from './served-lake';
import { homeServers } from './server-home';

const numbers = { goes: '9990000018', stays: '9990000026' };

describeOver('an erasure off one machine', homeServers, function (servers) {
  this.timeout(180_000);

  let home: ServedLake['home'];
  let lake: ServedLake['lake'];
  let sender: ServedLake['sender'];
  before(async () => {
    ({ home, lake, sender } = await servedLake(servers));
    for (const [id, number] of Object.entries(numbers)) {
      const observation = {
        resourceType: 'Observation',
        id: `o-${id}`,
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
        subject: { reference: `Patient/${id}` },
        effectiveDateTime: '2026-01-02T09:00:00Z',
      };
      for (const resource of [aPatient(id, number), observation]) {
        const { resourceType, id: own } = resource as { readonly resourceType: string; readonly id: string };
        assert.ok((await sender.request('PUT', `/${resourceType}/${own}`, resource)).status < 300);
      }
    }
    await lake.settle();
    assert.equal((await ended('marts', {})).state, 'succeeded');
  });
  after(() => lake?.stop());

  const ended = (job: string, input: object) => endedRun(home.lake, job, input);
  const count = async (table: string): Promise<number> => {
    const [row] = await lake.rows(`SELECT count(*)::INTEGER AS n FROM curated.${table}`);
    return Number(row?.n);
  };
  const head = async (path: string): Promise<number> => (await sender.request('HEAD', path)).status;

  it('takes one person out of every zone, each half in its own process, and leaves a certificate', async () => {
    const register = identityRegisterStore.open(home.identity);
    assert.deepEqual([await count('patient'), await count('observation'), await count('person_link')], [2, 2, 2]);
    const patients = (await register.patientsOf(numbers.goes)).map((one) => one.replace(/^Patient\//, ''));
    assert.equal(patients.length, 1);
    const run = await ended('erasure', { patients, held: [], operator: 'ann' });
    assert.equal(run.state, 'succeeded', run.failure?.message);
    const certificate = run.result as ErasureCertificate;
    assert.deepEqual(certificate.erased.resources, { Patient: 1, Observation: 1 });
    assert.deepEqual(
      [certificate.erased.curatedRows, certificate.erased.martsRebuilt.length],
      [2, 4],
      JSON.stringify(certificate.erased),
    );
    assert.ok(isGenuine(certificate, (await home.keys.publicKey('audit', certificate.signature.keyVersion)).pem));
    assert.deepEqual([await count('patient'), await count('observation'), await count('person_link')], [1, 1, 1]);
    assert.deepEqual(await register.patientsOf(numbers.goes), []);
    assert.deepEqual([await head('/Patient/goes'), await head('/Observation/o-goes')], [404, 404]);
    assert.deepEqual([await head('/Patient/stays'), await head('/Observation/o-stays')], [200, 200]);
    assert.ok(await lake.auditVerifies());
    const sealed: string[] = [];
    const audit = home.storeOf('audit');
    for await (const { key } of audit.list('')) sealed.push(Buffer.from(await audit.read(key)).toString('utf8'));
    const told = sealed.flatMap((text) => text.split('\n')).filter((line) => line.includes('lake erase'));
    assert.ok(told.length > 0 && told.every((line) => line.includes('"ann"')));
  });

  it('is done by the identity zone for the erasure alone', async () => {
    const refused = async (account: string): Promise<void> => {
      const step = { kind: 'register', plan: { resources: [], patients: [] }, agent: { kind: 'operator', id: 'x' } };
      await assert.rejects(askFunction({ home, lake }, account, 'identity-erasure', step), (error) =>
        isLakeError(error, 'PermissionDenied'),
      );
    };
    await refused('marts');
    await refused('curate');
  });
});
