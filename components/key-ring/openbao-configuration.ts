/** Where the server finds things in its container. */
export const openBaoPaths = {
  configuration: '/etc/openbao',
  seal: '/etc/openbao-seal',
  data: '/openbao/data',
  audit: '/openbao/audit',
} as const;

export const openBaoPort = 8200;

const text = (value: string): string => JSON.stringify(value);

/** What the preparing job may do: make the mount, its keys, the functions' policies and logins; use a key only to make the first one. */
export const preparingPolicy = (mount: string, functions: readonly string[]): string =>
  [
    ['sys/mounts', ['read']],
    [`sys/mounts/${mount}`, ['create', 'update']],
    [`${mount}/keys/*`, ['create', 'read', 'update']],
    [`${mount}/encrypt/pseudonym`, ['update']],
    // Each by its name: a pattern would cover this very policy.
    ...functions.flatMap((name) => [
      [`sys/policies/acl/${mount}-${name}`, ['create', 'update']],
      [`auth/kubernetes/role/${mount}-${name}`, ['create', 'update']],
      [`auth/kubernetes/role/${mount}-calls-${name}`, ['create', 'update']],
    ]),
  ]
    .map(([path, capabilities]) => `path ${JSON.stringify(path)} { capabilities = ${JSON.stringify(capabilities)} }`)
    .join('\n');

/**
 * The whole server as one text (https://openbao.org/docs/configuration/): it initialises itself at its first start, gives the
 * root token back, and is opened by its static seal after that. The audit devices are declared here because the API may not make
 * one (CVE-2025-54997): a file that stays, and the pod's log, which a collector ships.
 *
 * @param functions names of the functions it will be prepared for
 * @param preparing the service account that may prepare the lake, and its role
 */
export function openBaoConfiguration(
  mount: string,
  functions: readonly string[],
  preparing: { readonly namespace: string; readonly name: string; readonly role: string },
): string {
  const request = (name: string, path: string, data: string): string =>
    `  request ${text(name)} {\n    operation = "update"\n    path = ${text(path)}\n    data = ${data}\n  }`;
  return `ui = false
listener "tcp" {
  address = "0.0.0.0:${openBaoPort}"
  tls_disable = true
}
storage "file" {
  path = ${text(openBaoPaths.data)}
}
seal "static" {
  current_key_id = "1"
  current_key = ${text(`file://${openBaoPaths.seal}/key`)}
}
audit "file" "file" {
  options {
    file_path = ${text(`${openBaoPaths.audit}/audit.log`)}
  }
}
audit "file" "log" {
  options {
    file_path = "stdout"
  }
}
initialize "lake" {
${[
  request('kubernetes', 'sys/auth/kubernetes', '{ type = "kubernetes" }'),
  request('cluster', 'auth/kubernetes/config', '{ kubernetes_host = "https://kubernetes.default.svc" }'),
  request('policy', `sys/policies/acl/${preparing.role}`, `{ policy = ${text(preparingPolicy(mount, functions))} }`),
  request(
    'preparing',
    `auth/kubernetes/role/${preparing.role}`,
    `{ bound_service_account_names = [${text(preparing.name)}], bound_service_account_namespaces = [${text(preparing.namespace)}], token_policies = [${text(preparing.role)}], token_no_default_policy = true, token_ttl = "10m" }`,
  ),
].join('\n')}
}
`;
}
