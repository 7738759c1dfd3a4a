import { systemClock } from '../../../adapters/ports/clock';
import { AuditSealer } from '../../audit/audit-sealer';
import type { auditSealerManifest } from '../../audit/manifest';
import { type LambdaHandler, lambdaHandler } from './lambda-function';
import { lambdaParts } from './lambda-parts';
import { steadily } from './steady-beat';

/** Seals one stream of the audit for as long as an invocation lasts. */
export const sealerHandler = (manifest: typeof auditSealerManifest): LambdaHandler =>
  lambdaHandler(manifest.name, async (environment, onFailure) => {
    const { parts, settled } = lambdaParts(environment);
    const sealer = new AuditSealer({ ports: parts.ports(manifest), clock: systemClock });
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
