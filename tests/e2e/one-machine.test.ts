import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ingestionProfile } from '../../functions/fhir/ingestion-profile';
import { clientAssertion } from '../../functions/provider-access/client-assertion';
import { simulate } from '../../functions/simulation/simulate';
import { RunningLake, type Sender } from '../support/running-lake';

interface Outcome {
  readonly resourceType: string;
  readonly issue: readonly {
    readonly severity: string;
    readonly code: string;
    readonly diagnostics: string;
    readonly expression?: readonly string[];
  }[];
}

const observation = (id?: string, extra: object = {}) => ({
  resourceType: 'Observation',
  ...(id === undefined ? {} : { id }),
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
  subject: { reference: 'Patient/p1' },
  ...extra,
});

describe('The lake on one machine', () => {
  let running: RunningLake;
  let gp: Sender;

  before(async () => {
    running = await RunningLake.start();
    gp = await running.provider('L99001');
  });
  after(async () => {
    await running.remove();
    assert.deepEqual(running.failures, []);
  });

  const outcomeOf = async (response: Response, status: number): Promise<Outcome> => {
    assert.equal(response.status, status);
    const outcome = (await response.json()) as Outcome;
    assert.equal(outcome.resourceType, 'OperationOutcome');
    return outcome;
  };

  describe('creates and updates', () => {
    it('creates with Location and ETag, and answers a repeated request with the first answer', async () => {
      const requestId = randomUUID();
      const send = () => gp.request('POST', '/Observation', observation(), { 'x-request-id': requestId });
      const first = await send();
      assert.equal(first.status, 201);
      assert.equal(first.headers.get('etag'), 'W/"1"');
      assert.equal(first.headers.get('x-request-id'), requestId);
      assert.match(first.headers.get('location') ?? '', /\/Observation\/[0-9a-f-]{36}\/_history\/1$/);
      const again = await send();
      assert.equal(again.status, 201);
      assert.equal(again.headers.get('location'), first.headers.get('location'));
      assert.equal(again.headers.get('idempotency-replayed'), 'true');
      const other = await gp.request('POST', '/Observation', observation(undefined, { status: 'amended' }), {
        'x-request-id': requestId,
      });
      assert.equal((await outcomeOf(other, 409)).issue[0]?.code, 'duplicate');
    });

    it('has one effect for one request id sent many times at once', async () => {
      const requestId = randomUUID();
      const before = await running.operator.status();
      const answers = await Promise.all(
        Array.from({ length: 12 }, () =>
          gp.request('POST', '/Observation', observation(), { 'x-request-id': requestId }),
        ),
      );
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201]);
      assert.equal(new Set(answers.map(({ headers }) => headers.get('location'))).size, 1);
      const after = await running.operator.status();
      assert.equal(after.totals.versions, before.totals.versions + 1);
    });

    it('updates under If-Match as PDS does: missing 412, stale 409; HEAD gives the ETag', async () => {
      assert.equal((await gp.request('PUT', '/Observation/o1', observation('o1'))).status, 201);
      await outcomeOf(await gp.request('PUT', '/Observation/o1', observation('o1')), 412);
      const head = await gp.request('HEAD', '/Observation/o1');
      assert.equal(head.headers.get('etag'), 'W/"1"');
      assert.equal(
        (await gp.request('PUT', '/Observation/o1', observation('o1'), { 'if-match': 'W/"1"' })).status,
        200,
      );
      await outcomeOf(await gp.request('PUT', '/Observation/o1', observation('o1'), { 'if-match': 'W/"1"' }), 409);
    });

    it('lets exactly one of 64 concurrent updates win', async () => {
      assert.equal((await gp.request('PUT', '/Observation/race', observation('race'))).status, 201);
      for (let version = 1; version <= 2; version += 1) {
        const answers = await Promise.all(
          Array.from({ length: 64 }, () =>
            gp.request('PUT', '/Observation/race', observation('race'), { 'if-match': `W/"${version}"` }),
          ),
        );
        assert.equal(answers.filter(({ status }) => status === 200).length, 1);
        assert.equal(answers.filter(({ status }) => status === 409).length, 63);
      }
    });
  });

  describe('refuses', () => {
    const cases: readonly [name: string, status: number, code: string, send: () => Promise<Response>][] = [
      [
        'no X-Request-ID',
        400,
        'required',
        () => gp.request('POST', '/Observation', observation(), { 'x-request-id': '' }),
      ],
      [
        'a request id that is no UUID',
        400,
        'value',
        () => gp.request('POST', '/Observation', observation(), { 'x-request-id': 'abc' }),
      ],
      ['broken JSON', 400, 'structure', () => gp.request('POST', '/Observation', '{"resourceType":')],
      [
        'a name given twice',
        400,
        'structure',
        () => gp.request('POST', '/Observation', '{"resourceType":"Observation","status":"final","status":"final"}'),
      ],
      ['another type than the address', 400, 'invalid', () => gp.request('POST', '/Patient', observation())],
      [
        'an invalid resource',
        422,
        'code-invalid',
        () => gp.request('POST', '/Observation', observation(undefined, { status: 'done' })),
      ],
      [
        'XML',
        415,
        'not-supported',
        () => gp.request('POST', '/Observation', '<Observation/>', { 'content-type': 'application/fhir+xml' }),
      ],
      [
        'an Accept it cannot meet',
        406,
        'not-supported',
        () => gp.request('POST', '/Observation', observation(), { accept: 'text/html' }),
      ],
      [
        'an NHS number in the address',
        400,
        'security',
        () => gp.request('PUT', '/Patient/9990000018', { resourceType: 'Patient', id: '9990000018' }),
      ],
      ['a read', 405, 'not-supported', () => gp.request('GET', '/Observation/o1')],
      ['a search', 405, 'not-supported', () => gp.request('GET', '/Observation')],
      ['a delete', 405, 'not-supported', () => gp.request('DELETE', '/Observation/o1')],
      ['a patch', 405, 'not-supported', () => gp.request('PATCH', '/Observation/o1', '[]')],
      ['an unknown type', 404, 'not-supported', () => gp.request('POST', '/Observatory', observation())],
      [
        'a bad token',
        401,
        'login',
        () => gp.request('POST', '/Observation', observation(), { authorization: 'Bearer abc' }),
      ],
      ['no token', 401, 'login', () => gp.request('POST', '/Observation', observation(), { authorization: '' })],
    ];
    for (const [name, status, code, send] of cases) {
      it(`${name} with ${status}`, async () => {
        assert.equal((await outcomeOf(await send(), status)).issue[0]?.code, code);
      });
    }

    it('XML that calls itself JSON with 400, and says what it is', async () => {
      const outcome = await outcomeOf(await gp.request('POST', '/Observation', '\uFEFF <Observation/>'), 400);
      assert.match(outcome.issue[0]?.diagnostics ?? '', /^The body is XML/);
    });

    it('never repeats a submitted value', async () => {
      const marker = 'ZZMARKER';
      const body = JSON.stringify(
        observation(undefined, {
          status: marker,
          effectiveDateTime: marker,
          [`x${marker}`]: marker,
          note: [{ text: 5 }],
        }),
      );
      const response = await gp.request('POST', '/Observation', body);
      assert.equal(response.status, 422);
      assert.ok(!(await response.text()).includes(marker));
    });
  });

  it('keeps to the scopes of the token, and shuts a disabled provider out at once', async () => {
    const narrow = await running.provider('L99009', { scopes: ['system/Observation.c'] });
    assert.equal((await narrow.request('POST', '/Observation', observation())).status, 201);
    await outcomeOf(await narrow.request('PUT', '/Observation/x', observation('x')), 403);
    await outcomeOf(await narrow.request('POST', '/Patient', { resourceType: 'Patient' }), 403);
    await running.operator.disableProvider('L99009');
    await outcomeOf(await narrow.request('POST', '/Observation', observation()), 401);
  });

  it('holds a provider to its default profile', async () => {
    const strict = await running.provider('L99008', { defaultProfile: ingestionProfile });
    const outcome = await outcomeOf(await strict.request('POST', '/Observation', observation()), 422);
    assert.equal(outcome.issue[0]?.code, 'business-rule');
    const whole = observation(undefined, { effectiveDateTime: '2026-01-01', valueString: 'seen' });
    assert.equal((await strict.request('POST', '/Observation', whole)).status, 201);
  });

  it('advises whom asks for an outcome, and says the same when the request is repeated', async () => {
    const headers = { prefer: 'return=OperationOutcome', 'x-request-id': randomUUID() };
    const body = observation();
    const rules = async (): Promise<readonly (string | undefined)[]> => {
      const outcome = await outcomeOf(await gp.request('POST', '/Observation', body, headers), 201);
      assert.ok(outcome.issue.every(({ severity }) => severity !== 'error'));
      return outcome.issue.map(({ diagnostics }) => /ingestion rule (\S+)\)/.exec(diagnostics ?? '')?.[1]);
    };
    const first = await rules();
    assert.ok(first.includes('when-observed'), first.join());
    assert.deepEqual(await rules(), first);
    const sent = { resource: body, request: { method: 'POST', url: 'Observation' } };
    const response = await gp.request(
      'POST',
      '',
      { resourceType: 'Bundle', type: 'transaction', entry: [sent] },
      { prefer: 'return=OperationOutcome' },
    );
    const { entry } = (await response.json()) as { entry: { response: { outcome: Outcome } }[] };
    assert.ok(entry[0]!.response.outcome.issue.some(({ severity }) => severity === 'warning'));
  });

  it('refuses a client assertion that was used, and scopes that were not registered', async () => {
    const tokenUrl = `${running.lake.origin}/oauth2/token`;
    const body = (assertion: string, scope: string) =>
      new URLSearchParams({
        grant_type: 'client_credentials',
        scope,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      });
    const assertion = await clientAssertion(gp.credentials, tokenUrl);
    const post = (form: URLSearchParams) => fetch(tokenUrl, { method: 'POST', body: form });
    assert.equal((await post(body(assertion, 'system/*.cu'))).status, 200);
    assert.equal(
      ((await (await post(body(assertion, 'system/*.cu'))).json()) as { error: string }).error,
      'invalid_client',
    );
    const unknown = await post(
      body(await clientAssertion(gp.credentials, tokenUrl), 'system/Observation.c user/*.read'),
    );
    assert.equal(unknown.status, 400);
    assert.equal(((await unknown.json()) as { error: string }).error, 'invalid_scope');
  });

  describe('Bundles', () => {
    const patientEntry = (value: string) => ({
      fullUrl: 'urn:uuid:6f1b5c1e-0000-4000-8000-000000000001',
      resource: {
        resourceType: 'Patient',
        identifier: [{ system: 'https://example.nhs.uk/mrn', value }],
        gender: 'female',
      },
      request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=https://example.nhs.uk/mrn|${value}` },
    });
    const about = (reference: string, status = 'final') => ({
      fullUrl: `urn:uuid:${randomUUID()}`,
      resource: observation(undefined, { status, subject: { reference } }),
      request: { method: 'POST', url: 'Observation' },
    });
    const bundle = (type: string, entry: readonly object[]) => ({ resourceType: 'Bundle', type, entry });
    interface ResponseBundle {
      readonly entry: readonly {
        readonly response: { readonly status: string; readonly location?: string; readonly etag?: string };
      }[];
    }

    it('takes a transaction whole, resolving its references, and finds by identifier what it has', async () => {
      const first = (await (
        await gp.request(
          'POST',
          '',
          bundle('transaction', [about('urn:uuid:6f1b5c1e-0000-4000-8000-000000000001'), patientEntry('42')]),
        )
      ).json()) as ResponseBundle;
      assert.deepEqual(
        first.entry.map(({ response }) => response.status),
        ['201 Created', '201 Created'],
      );
      const second = (await (
        await gp.request(
          'POST',
          '',
          bundle('transaction', [patientEntry('42'), about('Patient?identifier=https://example.nhs.uk/mrn|42')]),
        )
      ).json()) as ResponseBundle;
      assert.deepEqual(
        second.entry.map(({ response }) => response.status),
        ['200 OK', '201 Created'],
      );
      assert.equal(second.entry[0]?.response.location, first.entry[1]?.response.location);
      await running.operator.curate();
      const id = first.entry[1]!.response.location!.split('/')[1]!;
      const rekeyed = (await running.parts.tokeniser()).rekey('L99001', 'Patient', id);
      const { rows } = await running.operator.sql(
        `SELECT count(*) AS n FROM curated.observation WHERE patient_ref = '${rekeyed}'`,
      );
      assert.equal(rows[0]?.n, '2');
    });

    it('stores nothing of a transaction with one bad entry, and of a batch all but the bad one', async () => {
      const totals = async () => (await running.operator.status()).totals.versions;
      const before = await totals();
      const entries = [about('Patient/p1'), about('Patient/p1', 'done')];
      const refused = await outcomeOf(await gp.request('POST', '', bundle('transaction', entries)), 422);
      assert.match(refused.issue[0]?.expression?.[0] ?? '', /^Bundle\.entry\[1\]\.resource\.status$/);
      assert.equal(await totals(), before);
      const batch = (await (await gp.request('POST', '/', bundle('batch', entries))).json()) as ResponseBundle;
      assert.deepEqual(
        batch.entry.map(({ response }) => response.status),
        ['201 Created', '422 Unprocessable Entity'],
      );
      assert.equal(await totals(), before + 1);
    });

    it('asks for what a conditional reference names, when nobody has sent it', async () => {
      const outcome = await outcomeOf(
        await gp.request(
          'POST',
          '',
          bundle('transaction', [about('Patient?identifier=https://example.nhs.uk/mrn|nobody')]),
        ),
        412,
      );
      assert.equal(outcome.issue[0]?.code, 'not-found');
    });

    it('takes a message of its own sender, and refuses one of another organisation', async () => {
      const message = (ods: string) => ({
        resourceType: 'Bundle',
        type: 'message',
        entry: [
          {
            fullUrl: `urn:uuid:${randomUUID()}`,
            resource: {
              resourceType: 'MessageHeader',
              eventUri: 'https://example.nhs.uk/e',
              source: { endpoint: 'https://example.nhs.uk/s' },
              sender: { identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: ods } },
            },
          },
          { fullUrl: `urn:uuid:${randomUUID()}`, resource: observation() },
        ],
      });
      assert.equal((await gp.request('POST', '/$process-message', message('L99001'))).status, 200);
      await outcomeOf(await gp.request('POST', '/$process-message', message('RX901')), 403);
    });

    it('holds back what it cannot split, and says so with 202', async () => {
      const response = await gp.request(
        'POST',
        '/Observation',
        observation(undefined, {
          modifierExtension: [{ url: 'https://example.nhs.uk/not-known', valueBoolean: true }],
        }),
      );
      assert.equal(response.headers.get('location'), null);
      assert.match((await outcomeOf(response, 202)).issue[0]?.diagnostics ?? '', /Held for review/);
      assert.equal(readdirSync(join(running.folder.zones.identity, 'quarantine', 'L99001')).length, 1);
    });
  });

  // Mocha runs the tests of a suite before its inner suites: what looks back at the others stands in one of its own.
  describe('afterwards', () => {
    it('keeps decimals letter for letter into the curated table', async () => {
      const text =
        '{"resourceType":"Observation","id":"decimal","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"4548-4"}]},"valueQuantity":{"value":72.50}}';
      assert.equal((await gp.request('PUT', '/Observation/decimal', text)).status, 201);
      await running.operator.curate();
      const { rows } = await running.operator.sql(
        `SELECT resource FROM curated.observation WHERE resource LIKE '%72.5%'`,
      );
      assert.equal(rows.length, 1);
      assert.ok(String(rows[0]?.resource).includes('"value":72.50'));
    });

    it('lets no identifier of the simulated people out of the identity zone', async () => {
      const people = new Set<string>();
      const senders = new Map<string, Sender>();
      for (const { provider, kind, body } of simulate({ people: 6, seed: 5 })) {
        if (kind !== 'transaction' && kind !== 'message') continue;
        if (!senders.has(provider)) senders.set(provider, await running.provider(provider));
        const response = await senders
          .get(provider)!
          .request('POST', kind === 'message' ? '/$process-message' : '', body);
        assert.equal(response.status, 200);
        for (const entry of (
          JSON.parse(body) as {
            entry: {
              resource: {
                resourceType: string;
                name?: { family?: string }[];
                telecom?: { value: string }[];
                address?: { line?: string[]; postalCode?: string }[];
                identifier?: { value: string }[];
              };
            }[];
          }
        ).entry) {
          const { resourceType, name, telecom, address, identifier } = entry.resource;
          if (resourceType !== 'Patient') continue;
          const values = [...(identifier ?? []), ...(telecom ?? [])].map(({ value }) => value);
          const words = [
            ...(name ?? []).map(({ family }) => family),
            ...(address ?? []).flatMap(({ line, postalCode }) => [...(line ?? []), postalCode]),
          ];
          for (const value of [...values, ...words]) if (value !== undefined && value.length > 4) people.add(value);
        }
      }
      await running.operator.curate();
      await running.operator.verifyAudit();
      const { rows } = await running.operator.sql(
        'SELECT resource FROM curated.patient UNION ALL SELECT resource FROM curated.observation UNION ALL SELECT resource FROM curated.encounter UNION ALL SELECT resource FROM curated.condition',
      );
      const tables = rows.map(({ resource }) => String(resource)).join('\n');
      const outside = ['landing', 'curated', 'audit', 'witness', 'state']
        .flatMap((name) => readdirSync(join(running.folder.root, name), { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => `${entry.name}\n${readFileSync(join(entry.parentPath, entry.name)).toString('latin1')}`)
        .join('\n');
      assert.ok(people.size > 15 && rows.length > 50);
      const leaks = [...people].filter((value) => tables.includes(value) || outside.includes(value));
      assert.equal(leaks.length, 0, `${leaks.length} of ${people.size} identifiers are outside the identity zone`);
    });

    it('builds every mart from what landed, and offers them to SQL', async () => {
      const built = await running.operator.buildMarts([]);
      assert.deepEqual(
        built.map(({ mart }) => mart),
        ['patient_timeline', 'respiratory_register', 'service_effectiveness', 'urgent_care_demand'],
      );
      const { rows } = await running.operator.sql(
        'SELECT count(*) AS n, count(DISTINCT person) AS people FROM marts.patient_timeline',
      );
      assert.ok(Number(rows[0]?.n) > 50 && Number(rows[0]?.people) >= 6);
      await assert.rejects(running.operator.sql('DROP TABLE marts.patient_timeline'), /Only one reading statement/);
    });

    it('comes up again on the same data with everything in place', async () => {
      const before = await running.operator.sql('SELECT count(*) AS n FROM curated.observation');
      await running.halt();
      await running.boot();
      assert.deepEqual((await running.operator.sql('SELECT count(*) AS n FROM curated.observation')).rows, before.rows);
    });

    it('leaves an audit that verifies, and notices when it is changed', async () => {
      const report = await running.operator.verifyAudit();
      assert.deepEqual(report.problems, []);
      assert.ok(report.records > 50);
      const segment = readdirSync(join(running.folder.zones.audit, 'lake'), {
        recursive: true,
        withFileTypes: true,
      }).find((entry) => entry.isFile() && entry.name.endsWith('.ndjson'))!;
      const file = join(segment.parentPath, segment.name);
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, text.replace('"allowed"', '"denied"'));
      assert.equal((await running.operator.verifyAudit()).ok, false);
      writeFileSync(file, text);
      assert.equal((await running.operator.verifyAudit()).ok, true);
    });
  });
});
