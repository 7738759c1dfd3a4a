import { defineManifest, key, objectStoreUnder, onSchedule, state } from '../manifest';
import { auditStore, identityAuditStore } from './audit-log';

/** The lake and its identity zone keep audit apart: two chains, each in its part of the audit zone and of the witness. */
export const auditStreams = ['lake', 'identity'] as const;
export type AuditStream = (typeof auditStreams)[number];

/** Where a stream lies in both zones. */
export const streamPrefix = (stream: AuditStream): string => `${stream}/`;

const sealing = ['takeLease', 'releaseLease', 'claimSegment', 'advance', 'follow', 'witnessedUpTo'] as const;
const writeOnce = ['putIfAbsent', 'read'] as const;
const trigger = onSchedule('* * * * *');
const auditKey = key('audit', ['sign', 'publicKey']);

/** The sealer: the only function that reads waiting records, and the only one that writes the lake's stream and its witness. */
export const auditSealerManifest = defineManifest({
  name: 'audit-sealer',
  trigger,
  uses: {
    log: state(auditStore, sealing),
    audit: objectStoreUnder('audit', streamPrefix('lake'), writeOnce),
    witness: objectStoreUnder('witness', streamPrefix('lake'), writeOnce),
    key: auditKey,
  },
});

/** The same for the identity zone's own audit: in that zone, from its database. */
export const identityAuditSealerManifest = defineManifest({
  name: 'identity-audit-sealer',
  trigger,
  uses: {
    log: state(identityAuditStore, sealing),
    audit: objectStoreUnder('audit', streamPrefix('identity'), writeOnce),
    witness: objectStoreUnder('witness', streamPrefix('identity'), writeOnce),
    key: auditKey,
  },
});
