import { systemClock } from '../../../../adapters/ports/clock';
import { AuditSealer } from '../../../audit/audit-sealer';
import { auditSealerManifest } from '../../../audit/manifest';
import { lambdaHandler } from '../lambda-function';
import { lambdaParts } from '../lambda-parts';
import { steadily } from '../steady-beat';

export const handler = lambdaHandler('audit-sealer', async (environment, onFailure) => {
  const { parts, settled } = lambdaParts(environment);
  const sealer = new AuditSealer({ ports: parts.ports(auditSealerManifest), clock: systemClock });
  const round = async (): Promise<void> => {
    const { witnessError } = await sealer.seal();
    if (witnessError !== undefined) onFailure(witnessError);
  };
  return {
    beat: async (remaining) => {
      try {
        await steadily(round, remaining, onFailure);
      } finally {
        // The next beat may meet another instance.
        await sealer.release();
      }
    },
    settled,
  };
});
