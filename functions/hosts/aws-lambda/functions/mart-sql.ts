import { martSqlManifest } from '../../../operator/manifest';
import { martSqlFunction } from '../../compose/sql-function';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';
import { tableAdapters } from '../table-adapters';

export const handler = lambdaHandler('mart-sql', async (environment) => {
  const { parts, settled } = lambdaParts(environment, tableAdapters);
  const { callers, ...ports } = parts.ports(martSqlManifest);
  return { asked: { callers, answer: martSqlFunction(ports) }, settled };
});
