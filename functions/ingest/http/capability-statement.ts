import { resourceTypes } from '../../fhir/definitions';
import { defaultJsonLimits } from '../../fhir/json';
import type { BodyLimits } from './read-body';

/** The day this process began to offer what it states: an instance publishes its statement when it starts. */
const published = new Date(performance.timeOrigin).toISOString().slice(0, 10);

/** CapabilityStatement of the lake: made from the constants that the API enforces. */
export function capabilityStatement(baseUrl: string, limits: BodyLimits): object {
  const documentation = [
    `Bodies up to ${limits.maxBytes} bytes, nested up to ${defaultJsonLimits.maxDepth} levels, strings up to ${defaultJsonLimits.maxString} characters, numbers up to ${defaultJsonLimits.maxNumber} characters; up to ${limits.maxEntries} entries in a Bundle; ${limits.timeout / 1000} seconds for a body to arrive.`,
    'X-Request-ID (a UUID) is required on every write and makes it safe to repeat. Updating what exists needs If-Match: missing 412, stale 409.',
    'Nothing can be read here but the ETag of your own resource, by HEAD.',
  ].join(' ');
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: published,
    kind: 'instance',
    implementation: { description: 'NHS healthcare data lake: ingestion', url: baseUrl },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    rest: [
      {
        mode: 'server',
        documentation,
        security: {
          service: [
            {
              coding: [
                { system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' },
              ],
            },
          ],
          description: 'OAuth 2 client credentials with private_key_jwt; see .well-known/smart-configuration.',
        },
        resource: resourceTypes.map((type) => ({
          type,
          interaction: [{ code: 'create' }, { code: 'update' }],
          versioning: 'versioned-update',
          readHistory: false,
          updateCreate: true,
          conditionalCreate: true,
          conditionalUpdate: true,
        })),
        interaction: [{ code: 'transaction' }, { code: 'batch' }],
        operation: [
          {
            name: 'process-message',
            definition: 'http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message',
          },
          {
            name: 'import',
            definition: `${baseUrl}/OperationDefinition/import`,
            documentation:
              'Bulk import: answers 202 with an upload address for NDJSON, one resource a line, and Content-Location for polling (FHIR asynchronous pattern). With Parameters of size (bytes) and sha256 (hex) the address may be one of the object store itself, for a quarter of an hour and 5 GiB at most: PUT there with the headers given.',
          },
        ],
      },
    ],
  };
}
