import { identityAuditSealerManifest } from '../../../audit/manifest';
import { sealerHandler } from '../sealer-handler';

export const handler = sealerHandler(identityAuditSealerManifest);
