import assert from 'node:assert/strict';
import { resourceTypes } from '../../../functions/fhir/definitions';
import { ukCore } from '../../../functions/fhir/uk-core';
import { Validator } from '../../../functions/fhir/validator';
import { marker, spoil } from '../../support/junk';
import { sampleResource, seededPick } from './sample-builder';

describe('resources with anything anywhere', () => {
  it('are validated without an exception, and nothing of them is repeated', () => {
    const validator = new Validator({ packages: [ukCore()] });
    const profile = (type: string): string[] => [`https://fhir.hl7.org.uk/StructureDefinition/UKCore-${type}`];
    let faulty = 0;
    for (const [index, type] of Array.from({ length: 20 }, () => resourceTypes)
      .flat()
      .entries()) {
      const pick = seededPick(index + 1);
      const resource = sampleResource(type, pick, 20);
      if (type !== 'Bundle') resource.contained = [{ resourceType: 'Basic', id: 'a', code: { text: 'word' } }];
      spoil(resource, pick);
      const issues = validator.validate(resource, { profiles: profile(type), advise: true });
      faulty += issues.some(({ severity }) => severity === 'error') ? 1 : 0;
      assert.ok(!JSON.stringify(issues).includes(marker), type);
    }
    assert.ok(faulty > 2000, String(faulty));
  });
});
