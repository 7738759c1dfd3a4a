import assert from 'node:assert/strict';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { resourceTypes } from '../../../functions/fhir/definitions';
import { openApi } from '../../../functions/ingest/http/openapi';

interface Operation {
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

const document = openApi({
  origin: 'https://lake.example.nhs.uk',
  fhirPath: '/FHIR/R4',
  tokenEndpoint: 'https://lake.example.nhs.uk/oauth2/token',
  scopes: ['system/*.cu'],
  limits: { maxBytes: 1000, timeout: 1000, maxEntries: 10 },
}) as {
  readonly openapi: string;
  readonly security: readonly unknown[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Record<string, unknown>>>;
    readonly responses: Readonly<Record<string, Record<string, unknown>>>;
  };
};

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

function visit(value: unknown, see: (object: Readonly<Record<string, unknown>>) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) see(value as Record<string, unknown>);
  for (const inner of Object.values(value)) visit(inner, see);
}

describe('the OpenAPI document', () => {
  it('is 3.0.3, the form that gateways import', () => assert.equal(document.openapi, '3.0.3'));

  it('has no reference that leads nowhere', () => {
    let references = 0;
    visit(document, ({ $ref }) => {
      if (typeof $ref !== 'string') return;
      references += 1;
      const [, , kind, name] = $ref.split('/') as [string, string, string, string];
      assert.ok(
        (document.components as Record<string, Record<string, unknown>>)[kind]?.[name] !== undefined,
        `${$ref} is not there`,
      );
    });
    assert.ok(references > 1000);
  });

  it('names every operation once, and asks for a token everywhere but at the CapabilityStatement', () => {
    assert.equal(new Set(operations.map(({ operation }) => operation.operationId)).size, operations.length);
    assert.ok(document.security.length > 0);
    const open = operations.filter(({ operation }) => operation.security?.length === 0);
    assert.deepEqual(
      open.map(({ path }) => path),
      ['/FHIR/R4/metadata'],
    );
  });

  it('declares every parameter of a path, and X-Request-ID on every write', () => {
    for (const { path, method, operation } of operations) {
      const parameters = operation.parameters ?? [];
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      assert.deepEqual(
        parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name),
        inPath,
      );
      const asks = parameters.some(({ name, required }) => name === 'X-Request-ID' && required);
      // An import is told apart by its own id, and done once.
      const isWrite = (method === 'post' || method === 'put') && !path.includes('$import');
      assert.equal(asks, isWrite, `${method} ${path}`);
    }
  });

  it('has a closed schema for each of the resource types, with the type fixed', () => {
    for (const type of resourceTypes) {
      const schema = document.components.schemas[type] as unknown as {
        readonly additionalProperties: boolean;
        readonly properties: { readonly resourceType: { readonly enum: readonly string[] } };
      };
      assert.equal(schema.additionalProperties, false);
      assert.deepEqual(schema.properties.resourceType.enum, [type]);
    }
  });

  it('says what is a list, what is a choice and which codes are allowed', () => {
    const { properties } = document.components.schemas.Observation as unknown as {
      readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    };
    assert.deepEqual(properties.valueQuantity, { $ref: '#/components/schemas/Quantity' });
    assert.equal(properties.category?.type, 'array');
    assert.ok([properties.status?.enum].flat().includes('amended'));
    assert.ok('_status' in properties);
    assert.ok(!('value' in properties));
  });

  /** Rules and places of what an independent linter finds, with all its recommendations as errors. */
  async function lint(linted: object): Promise<readonly string[]> {
    const config = await createConfig({ extends: ['recommended-strict'] });
    const problems = await lintFromString({ source: JSON.stringify(linted), config });
    return problems.map(({ ruleId, location }) => `${ruleId} ${location[0]?.pointer}`);
  }

  it('passes an independent linter whole, which finds what is wrong', async () => {
    assert.deepEqual(await lint(document), []);
    const { metadata, ...others } = { ...document.paths, metadata: document.paths['/FHIR/R4/metadata'] };
    const [get] = Object.values(metadata ?? {});
    const { Element, ...schemas } = document.components.schemas;
    assert.ok(Element !== undefined);
    const broken = {
      ...document,
      paths: { ...others, '/FHIR/R4/': { get: { ...get, operationId: 'other', responses: { 200: {} } } } },
      components: { ...document.components, schemas },
    };
    const rules = new Set((await lint(broken)).map((problem) => problem.split(' ')[0]));
    for (const rule of ['no-path-trailing-slash', 'operation-4xx-response', 'no-unresolved-refs'])
      assert.ok(rules.has(rule), rule);
  });
});
