import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../support/machine-tools';

const { billOfMaterials } = require('../../../functions/hosts/knative/image.js') as { billOfMaterials(): string };

interface Bill {
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly hashes: readonly object[];
  }[];
}

describe('the image of the Knative host', function () {
  this.timeout(60_000);

  it('lists in its bill of materials what it holds and nothing else, the same whenever and wherever it is made', () => {
    const text = billOfMaterials();
    const bill = JSON.parse(text) as Bill & { readonly serialNumber?: string };
    assert.deepEqual([bill.serialNumber, bill.metadata.component.name], [undefined, 'nhs-data-lake']);
    assert.ok(!/"timestamp"/.test(text));
    const names = new Set(bill.components.map(({ name }) => name));
    for (const held of [
      '@aws-sdk/client-s3',
      '@aws-sdk/core',
      '@duckdb/node-api',
      '@duckdb/node-bindings',
      'fhirpath',
      'hono',
      'pg',
      'pg-types',
    ])
      assert.ok(names.has(held), held);
    const strangers = /^@(pulumi|azure)\/|^@aws-sdk\/client-(kms|sns|glue)$|^(esbuild|typescript|mocha)$/;
    assert.deepEqual(
      [...names].filter((name) => strangers.test(name)),
      [],
    );
    for (const { name, hashes } of bill.components) assert.ok(hashes.length > 0, `${name} has no hash`);
  });

  it('runs as a number that is no user, is built by copying alone and starts without a shell', () => {
    const recipe = readFileSync(join(repository, 'functions/hosts/knative/Containerfile'), 'utf8');
    const steps = recipe.split('\n').filter((line) => /^[A-Z]+ /.test(line));
    const of = (instruction: string) => steps.filter((step) => step.startsWith(`${instruction} `));
    assert.deepEqual(of('RUN'), []);
    assert.match(of('ARG')[0] ?? '', /^ARG BASE=gcr\.io\/distroless\//);
    assert.deepEqual(of('USER'), ['USER 65532:65532']);
    assert.match(of('ENTRYPOINT')[0] ?? '', /^ENTRYPOINT \["\//);
    assert.ok(steps.indexOf(of('USER')[0] ?? '') < steps.indexOf(of('ENTRYPOINT')[0] ?? ''));
  });
});
