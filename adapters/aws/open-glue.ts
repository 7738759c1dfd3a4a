import { GlueClient } from '@aws-sdk/client-glue';
import type { GlueBinding } from '../bindings';
import { clientConfig } from './aws-calls';
import { GlueCatalogue } from './glue-catalogue';

/** The Glue Data Catalog as a binding names it. */
export const openGlue = (binding: GlueBinding): GlueCatalogue =>
  new GlueCatalogue(new GlueClient(clientConfig(binding)), binding);
