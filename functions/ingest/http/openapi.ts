import { paths, responses } from './openapi-paths';
import { schemas } from './openapi-schemas';
import type { BodyLimits } from './read-body';

export interface OpenApiSettings {
  /** Where the API stands, without a path. */
  readonly origin: string;
  /** Path of the FHIR base. */
  readonly fhirPath: string;
  readonly tokenEndpoint: string;
  readonly scopes: readonly string[];
  readonly limits: BodyLimits;
}

/**
 * The OpenAPI 3.0.3 document of the ingestion API: the routes that `fhirApi` serves and the element tables that the
 * validator runs on. 3.0 because API gateways import no later form. Schemas say structure; the rules of FHIR beyond it
 * (invariants, slices, calendar days) are the validator's.
 */
export function openApi({ origin, fhirPath, tokenEndpoint, scopes, limits }: OpenApiSettings): object {
  return {
    openapi: '3.0.3',
    info: {
      title: 'NHS healthcare data lake: ingestion',
      version: '1.0.0',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
      description: [
        'FHIR R4 in, nothing out: create and update only. Every error is an OperationOutcome that says what is allowed and never repeats a submitted value.',
        `Bodies up to ${limits.maxBytes} bytes.`,
      ].join(' '),
    },
    servers: [{ url: origin }],
    security: [{ lakeToken: [] }],
    paths: paths(fhirPath),
    components: {
      securitySchemes: {
        lakeToken: {
          type: 'oauth2',
          description: 'SMART backend services: client credentials with private_key_jwt (RFC 7523).',
          flows: {
            clientCredentials: {
              tokenUrl: tokenEndpoint,
              scopes: Object.fromEntries(
                scopes.map((scope) => [scope, 'c creates, u updates; any one type instead of *']),
              ),
            },
          },
        },
      },
      responses,
      schemas: schemas(),
    },
  };
}
