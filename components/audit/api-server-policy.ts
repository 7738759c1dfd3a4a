interface AuditRule {
  readonly level: 'None' | 'Metadata' | 'Request' | 'RequestResponse';
  readonly [field: string]: unknown;
}

/** Kinds whose bodies hold secrets, tokens or files: who touched them is recorded, never what they hold. */
const closed = [
  { group: '', resources: ['secrets', 'configmaps', 'serviceaccounts/token'] },
  { group: 'authentication.k8s.io', resources: ['tokenreviews', 'tokenrequests'] },
];

/**
 * The audit policy of the API server (audit.k8s.io/v1, --audit-policy-file) as JSON, which is YAML too. The first rule that
 * fits decides.
 *
 * @param namespaces of the lake
 */
export function apiServerAuditPolicy(namespaces: readonly string[]): string {
  const rules: readonly AuditRule[] = [
    { level: 'Metadata', resources: closed },
    // Rules and rights, wherever: what was changed, and what came of it.
    {
      level: 'RequestResponse',
      verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'],
      resources: [
        { group: 'rbac.authorization.k8s.io' },
        { group: 'admissionregistration.k8s.io' },
        { group: 'networking.k8s.io', resources: ['networkpolicies'] },
      ],
    },
    // Into a container of the lake: the command is in the request.
    {
      level: 'Request',
      namespaces: [...namespaces],
      resources: [
        { group: '', resources: ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/ephemeralcontainers'] },
      ],
    },
    // Everything else that touches the lake, reads included.
    { level: 'Metadata', namespaces: [...namespaces] },
    { level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/version'] },
    {
      level: 'None',
      resources: [
        { group: 'coordination.k8s.io', resources: ['leases'] },
        { group: '', resources: ['events'] },
      ],
    },
    { level: 'Metadata' },
  ];
  const policy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'], rules };
  return `${JSON.stringify(policy, undefined, 2)}\n`;
}
