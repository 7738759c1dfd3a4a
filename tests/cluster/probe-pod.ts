import type { Site } from './site';

/** Where a probe goes. `names`: looks the host up in the DNS and does no more. `put`: sends a body to the address `host`. */
export interface Probe {
  readonly name: string;
  readonly kind: 'tcp' | 'udp' | 'names' | 'put';
  readonly host: string;
  readonly port?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How often it is tried until it connects; once when absent. */
  readonly tries?: number;
}

/** Probes that should connect: on a busy machine one try proves nothing against them. */
export const expected = (...probes: readonly Probe[]): readonly Probe[] => probes.map((one) => ({ ...one, tries: 8 }));

/** Runs inside the pod: tries each target and prints what came of it as one line of JSON. */
const script = `
const net = require('node:net'), dgram = require('node:dgram'), dns = require('node:dns/promises');
const limit = 2500;
const tcp = ({ host, port }) => new Promise((resolve) => {
  const socket = net.connect({ host, port });
  const end = (value) => { socket.destroy(); resolve(value); };
  socket.setTimeout(limit, () => end('no answer'));
  socket.once('connect', () => end('connected'));
  socket.once('error', (error) => end(error.code ?? 'error'));
});
const udp = ({ host, port }) => new Promise((resolve) => {
  const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const end = (value) => { try { socket.close(); } catch {} resolve(value); };
  setTimeout(() => end('no answer'), limit);
  socket.once('message', () => end('connected'));
  socket.once('error', (error) => end(error.code ?? 'error'));
  socket.send('ping', port, host, (error) => { if (error) end(error.code ?? 'error'); });
});
const names = async ({ host }) => {
  const resolver = new dns.Resolver({ timeout: limit, tries: 1 });
  return resolver.resolve4(host).then(() => 'connected', (error) => error.code ?? 'error');
};
const put = ({ host, headers, body }) =>
  fetch(host, { method: 'PUT', headers, body, signal: AbortSignal.timeout(2 * limit) }).then(
    ({ status }) => (status === 200 ? 'connected' : 'status ' + status),
    (error) => error.cause?.code ?? error.name,
  );
(async () => {
  // A network policy takes hold of a new pod some seconds after it started (kube-router), all of its rules at once.
  const closed = JSON.parse(process.env.CLOSED);
  for (let wait = 0, shut = 0; closed !== null && wait < 120 && shut < 3; wait += 1) {
    shut = (await tcp(closed)) === 'connected' ? 0 : shut + 1;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const probes = JSON.parse(process.env.PROBES);
  const found = {};
  const tried = async (probe) => {
    for (let left = probe.tries ?? 1; ; left -= 1) {
      const value = await { tcp, udp, names, put }[probe.kind](probe);
      if (value === 'connected' || left <= 1) return value;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  };
  await Promise.all(probes.map(async (probe) => { found[probe.name] = await tried(probe); }));
  console.log(JSON.stringify(found));
})();
`;

const restricted = {
  runAsNonRoot: true,
  runAsUser: 65532,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

let count = 0;

/** Whose pod it is that probes. */
export interface ProbePlace {
  readonly namespace: string;
  readonly account: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Address of the only resolver; the cluster's when absent. */
  readonly resolver?: string;
  /** What the policies of the place shut: probes begin once it no longer connects, or after a minute. */
  readonly closed?: Probe;
}

/** Makes a pod of the lake's own image probe; gives what came of each. */
export function probeFrom(
  site: Site,
  { namespace, account, labels = {}, resolver, closed }: ProbePlace,
  probes: readonly Probe[],
): Readonly<Record<string, string>> {
  count += 1;
  const name = `probe-${count}`;
  site.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: {
      restartPolicy: 'Never',
      serviceAccountName: account,
      ...(resolver === undefined ? {} : { dnsPolicy: 'None', dnsConfig: { nameservers: [resolver] } }),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      containers: [
        {
          name: 'probe',
          image: 'dev.local/lake:1',
          imagePullPolicy: 'IfNotPresent',
          command: ['/usr/bin/node', '-e', script],
          env: [
            { name: 'PROBES', value: JSON.stringify(probes) },
            { name: 'CLOSED', value: JSON.stringify(closed ?? null) },
          ],
          resources: { requests: { memory: '64Mi', cpu: '50m' }, limits: { memory: '128Mi' } },
          securityContext: restricted,
        },
      ],
    },
  });
  try {
    site.kubectl('wait', '-n', namespace, `pod/${name}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=300s');
    return JSON.parse(site.kubectl('logs', '-n', namespace, name)) as Record<string, string>;
  } finally {
    site.kubectl('delete', 'pod', '-n', namespace, name, '--wait=false');
  }
}
