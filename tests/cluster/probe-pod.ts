import type { Site } from './site';

/** Where a probe goes. `names`: looks the host up in the DNS and does no more. */
export interface Probe {
  readonly name: string;
  readonly kind: 'tcp' | 'udp' | 'names';
  readonly host: string;
  readonly port?: number;
}

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
(async () => {
  // A network policy takes hold of a new pod some seconds after it started (kube-router).
  await new Promise((resolve) => setTimeout(resolve, 8000));
  const probes = JSON.parse(process.env.PROBES);
  const found = {};
  await Promise.all(probes.map(async (probe) => { found[probe.name] = await { tcp, udp, names }[probe.kind](probe); }));
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

/** Makes a pod of the lake's own image in a namespace, with these labels, probe; gives what came of each. */
export function probeFrom(
  site: Site,
  namespace: string,
  account: string,
  labels: Readonly<Record<string, string>>,
  probes: readonly Probe[],
  resolver?: string,
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
          env: [{ name: 'PROBES', value: JSON.stringify(probes) }],
          resources: { requests: { memory: '64Mi', cpu: '50m' }, limits: { memory: '128Mi' } },
          securityContext: restricted,
        },
      ],
    },
  });
  try {
    site.kubectl('wait', '-n', namespace, `pod/${name}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=90s');
    return JSON.parse(site.kubectl('logs', '-n', namespace, name)) as Record<string, string>;
  } finally {
    site.kubectl('delete', 'pod', '-n', namespace, name, '--wait=false');
  }
}
