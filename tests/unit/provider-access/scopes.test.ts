import assert from 'node:assert/strict';
import { allows, mayAskFor, parseScope } from '../../../functions/provider-access/scopes';
import { smartConfiguration } from '../../../functions/provider-access/smart-configuration';
import { ownIssuer } from '../../../functions/provider-access/token-source';

describe('scopes', () => {
  it('allow the interaction and type they name and no other', () => {
    // scope: [Patient c, Patient u, Observation c, Observation u]
    const matrix: Record<string, [boolean, boolean, boolean, boolean]> = {
      'system/Patient.c': [true, false, false, false],
      'system/Patient.u': [false, true, false, false],
      'system/Patient.cu': [true, true, false, false],
      'system/*.c': [true, false, true, false],
      'system/*.u': [false, true, false, true],
      'system/*.cu': [true, true, true, true],
      'system/*.cruds': [false, false, false, false],
      'system/Patient.uc': [false, false, false, false],
      'system/Patient.': [false, false, false, false],
      'system/Patient.r': [false, false, false, false],
      'system/patient.c': [false, false, false, false],
      'patient/Patient.c': [false, false, false, false],
      'user/*.cu': [false, false, false, false],
      ' system/*.cu': [false, false, false, false],
      'system/*.cu\n': [false, false, false, false],
      'system/Patient.c?category=x': [false, false, false, false],
      '': [false, false, false, false],
    };
    for (const [scope, expected] of Object.entries(matrix)) {
      const given = (['Patient', 'Observation'] as const).flatMap((type) =>
        (['c', 'u'] as const).map((one) => allows([scope], type, one)),
      );
      assert.deepEqual(given, expected, scope);
    }
    assert.ok(allows(['system/Patient.c', 'system/Observation.u'], 'Observation', 'u'));
    assert.ok(!allows(['system/Patient.c', 'system/Observation.u'], 'Observation', 'c'));
    assert.ok(!allows([], 'Patient', 'c'));
  });

  it('know the resource types of R4 and no data types', () => {
    assert.deepEqual(parseScope('system/MedicationRequest.cu'), {
      type: 'MedicationRequest',
      interactions: ['c', 'u'],
    });
    for (const type of ['HumanName', 'Unheardof', '__proto__', 'constructor'])
      assert.equal(parseScope(`system/${type}.c`), undefined);
  });

  it('are granted only when the registration covers them whole', () => {
    const registered = ['system/Patient.c', 'system/Patient.u', 'system/*.c'];
    for (const asked of ['system/Patient.c', 'system/Patient.cu', 'system/Encounter.c', 'system/*.c'])
      assert.ok(mayAskFor(registered, asked), asked);
    for (const asked of ['system/Encounter.u', 'system/Encounter.cu', 'system/*.u', 'system/*.cu', 'openid'])
      assert.ok(!mayAskFor(registered, asked), asked);
    assert.ok(!mayAskFor([], 'system/Patient.c'));
  });

  it('stand in the SMART configuration beside what the token endpoint takes', () => {
    assert.deepEqual(smartConfiguration(ownIssuer('https://lake.example', 'https://lake.example/FHIR/R4')), {
      token_endpoint: 'https://lake.example/oauth2/token',
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384', 'RS512', 'PS256'],
      scopes_supported: ['system/*.c', 'system/*.u', 'system/*.cu'],
      capabilities: ['client-confidential-asymmetric', 'permission-v2'],
    });
  });
});
