import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { credentialsOf } from '../../functions/cli/lake-access';
import { LakeClient } from '../../functions/cli/sending/lake-client';
import { outgoingNdjson, outgoingResource } from '../../functions/cli/sending/outgoing';
import { requestIdKey } from '../../functions/cli/sending/request-ids';
import { tokenSource } from '../../functions/cli/token-source';
import { requestDigestKey } from '../../functions/privacy/tokens';
import { Evidence, type Guess, idOf, keyedForms, unkeyedForms } from '../support/guessing';
import { outsideIdentity, readIfThere } from '../support/lake-contents';
import { pseudonymKeys } from '../support/pseudonym-key';
import { RunningLake } from '../support/running-lake';
import { aPatient } from '../support/verified-patient';

const numbers = ['9990000018', '9990000026', '9990000034', '9990000042', '9990000050'] as const;
const [asId, asIdentifier, sentByFile, held, refused] = numbers;
const system = 'https://fhir.nhs.uk/Id/nhs-number';

/** An attacker who guesses right, word for word: the request itself and not only the number. */
const requestsOf = {
  [asId]: { route: `PUT /Patient/${idOf(asId)}`, body: JSON.stringify(aPatient(idOf(asId), asId)) },
  [asIdentifier]: {
    route: 'POST /',
    body: JSON.stringify({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          resource: { ...aPatient('x', asIdentifier), id: undefined },
          request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=${system}|${asIdentifier}` },
        },
        {
          resource: {
            resourceType: 'Observation',
            status: 'final',
            code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
            subject: { reference: `Patient?identifier=${system}|${asIdentifier}` },
          },
          request: { method: 'POST', url: 'Observation' },
        },
      ],
    }),
  },
  [sentByFile]: {
    route: `PUT /Patient/${idOf(sentByFile)}`,
    body: JSON.stringify(aPatient(idOf(sentByFile), sentByFile)),
  },
  [held]: {
    route: 'PUT /Patient/held-1',
    body: JSON.stringify({
      ...aPatient('held-1', held),
      modifierExtension: [{ url: 'https://example.org/unknown', valueBoolean: true }],
    }),
  },
  [refused]: {
    route: 'PUT /Patient/refused-1',
    body: JSON.stringify({ ...aPatient('refused-1', refused), gender: 'nonsense' }),
  },
} as const;

const guessOf = (nhsNumber: (typeof numbers)[number]): Guess => {
  const { route, body } = requestsOf[nhsNumber];
  const [method, path = ''] = route.split(' ');
  const routes = [route, `${method} /FHIR/R4${path === '/' ? '' : path}`, `${method} /FHIR/R4${path}`];
  return { nhsNumber, requests: routes.map((one) => ({ route: one, body })), providers: ['A81001'] };
};

describe('a guessed NHS number', function () {
  this.timeout(120_000);
  let running: RunningLake;
  let evidence: Evidence;

  before(async () => {
    running = await RunningLake.start();
    const gp = await running.provider('A81001');
    for (const number of [asId, asIdentifier, held, refused]) {
      const { route, body } = requestsOf[number];
      const [method = '', path = ''] = route.split(' ');
      const headers = { 'x-request-id': randomUUID() };
      const { status } = await gp.request(method, path === '/' ? '' : path, body, headers);
      assert.equal(status, { [asId]: 201, [asIdentifier]: 200, [held]: 202, [refused]: 422 }[number]);
      // A repeat is answered from the ledger, by its digest.
      if (number === asId) assert.equal((await gp.request(method, path, body, headers)).status, 201);
    }
    const credentials = credentialsOf({ data: running.folder.root }, 'A81001');
    const { origin, baseUrl } = running.lake;
    const client = new LakeClient({ baseUrl, token: tokenSource(credentials, `${origin}/oauth2/token`) });
    const idKey = requestIdKey(credentials);
    const { body } = requestsOf[sentByFile];
    for (const outgoing of [
      outgoingResource(idKey, body),
      ...outgoingNdjson(idKey, [body.replace(idOf(sentByFile), 'another')]),
    ])
      assert.equal((await client.send(outgoing)).status, 'accepted');
    await running.operator.curate();
    await running.operator.buildMarts(['patient_timeline']);
    await running.operator.identity('createProject', { project: 'asthma-study' });
    await running.operator.verifyAudit();
    evidence = await everything();
  });
  after(() => running.remove());

  /** All that lies outside the identity zone but the key of pseudonyms; the sender's own private key is the sender's. */
  async function everything(): Promise<Evidence> {
    const found = new Evidence();
    const { root } = running.folder;
    for await (const { place, text } of outsideIdentity(running.parts)) {
      if (place.startsWith(relative(root, running.folder.keys.pseudonym))) continue;
      if (place.startsWith(relative(root, running.folder.credentials))) continue;
      found.add(text);
    }
    for (const [name, value] of Object.entries(process.env)) found.add(`${name}=${value}`);
    for (const file of ['environ', 'cmdline']) found.add(readFileSync(`/proc/self/${file}`, 'latin1'));
    return found;
  }

  it('is not confirmed by any digest, with or without whatever else lies there as a key', () => {
    const secrets = [...evidence.secrets];
    assert.ok(secrets.length > 50, 'the lake leaves things that could be keys');
    for (const number of numbers) {
      const guess = guessOf(number);
      assert.ok(!unkeyedForms(guess).some((form) => evidence.shows(form)), 'an unkeyed digest stands in the lake');
      for (const secret of secrets)
        assert.ok(!keyedForms(guess, secret).some((form) => evidence.showsInText(form)), 'a key lies in the lake');
    }
  });

  it('is confirmed at once by who has the key: as an id, as an identifier, as a request', async () => {
    const [key] = await pseudonymKeys(running.parts);
    assert.ok(key);
    const shown = (number: (typeof numbers)[number]): number =>
      keyedForms(guessOf(number), key).filter((form) => evidence.shows(form)).length;
    // Id and digest of the request; identifiers too, where the ledger can find the resource by them.
    assert.ok(shown(asId) >= 3, `${shown(asId)} forms`);
    assert.ok(shown(asIdentifier) >= 2, `${shown(asIdentifier)} forms`);
    assert.ok(shown(sentByFile) >= 2, `${shown(sentByFile)} forms`);
  });

  it('would be confirmed by a careless digest, wherever and however it is written', async () => {
    const guess = guessOf(asId);
    const { route, body } = guess.requests[0]!;
    const careless = [
      createHash('sha256').update(asId).digest('hex'),
      `x${createHash('md5').update(`${system}|${asId}`).digest('base64')}`,
      Buffer.concat([Buffer.of(7), createHash('sha512').update(`${route}\n${body}`).digest()]).toString('base64url'),
      createHash('sha1').update(body).digest().toString('latin1'),
    ];
    for (const text of careless) {
      const file = join(running.folder.spool, 'careless');
      writeFileSync(file, Buffer.from(text, 'latin1'));
      const found = await everything();
      rmSync(file);
      assert.ok(unkeyedForms(guess).some((form) => found.shows(form)));
    }
  });

  it('is not helped by any copy of the key: none lies in a file, a table or the environment', async () => {
    const [key] = await pseudonymKeys(running.parts);
    assert.ok(key);
    const digestKey = requestDigestKey(key).export();
    assert.ok(!evidence.shows(key.export()) && !evidence.shows(digestKey));
    const inside = new Evidence();
    for (const entry of readdirSync(running.folder.root, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) inside.add(readIfThere(join(entry.parentPath, entry.name)));
    assert.ok(!inside.shows(key.export()) && !inside.shows(digestKey), 'not even in the identity zone');
    // The wrapping key lies in its own folder and nowhere else.
    const [file = ''] = readdirSync(running.folder.keys.pseudonym);
    const { secret } = JSON.parse(readFileSync(join(running.folder.keys.pseudonym, file), 'utf8')) as {
      secret: string;
    };
    assert.ok(inside.shows(Buffer.from(secret, 'base64')));
    assert.ok(!evidence.shows(Buffer.from(secret, 'base64')));
  });
});
