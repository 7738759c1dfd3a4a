import { spawn } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { signUpload } from '../../adapters/s3-compatible/s3-signed-upload';
import type { Probe } from './probe-pod';
import type { Site } from './site';

/** A host outside the lake that would take whatever reached it. */
export interface ForeignHost {
  /** It takes any connection at this port, and any datagram, as the name server of every zone that the cluster's resolver asks. */
  readonly port: number;
  /** The names it was asked for, whoever asked on whose behalf. */
  asked(): readonly string[];
  /** An upload into its object store, signed with keys that hold there. */
  upload(name: string): Promise<Probe>;
  stop(): void;
}

const storePort = 15_060;
const port = 15_053;
const bucket = 'taken';
const taken = 'x';

/** Answers each question with an address (RFC 1035, section 4.1) and writes its name down; what is no question comes back. */
const anything = (host: string, askedFile: string): string => `
const net = require('node:net'), dgram = require('node:dgram'), { appendFileSync } = require('node:fs');
net.createServer((socket) => { socket.on('error', () => undefined); socket.end(); }).listen(${port}, '${host}');
const datagrams = dgram.createSocket('udp4');
const answered = (message) => {
  if (message.length < 17) return message;
  const labels = [];
  let end = 12;
  for (; message[end] > 0; end += message[end] + 1) labels.push(message.toString('latin1', end + 1, end + 1 + message[end]));
  appendFileSync('${askedFile}', labels.join('.') + '\\n');
  const head = Buffer.from([message[0], message[1], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
  const address = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 7]);
  return Buffer.concat([head, message.subarray(12, end + 5), address]);
};
datagrams.on('message', (message, from) => datagrams.send(answered(message), from.port, from.address));
datagrams.bind(${port}, '${host}');
`;

/** As resolvers of clusters do: what is none of the cluster's names is asked outside. */
function letTheClusterAsk(site: Site, server: string): void {
  const place = ['-n', 'kube-system'] as const;
  const { Corefile = '' } = site.json<{ data: Record<string, string> }>('get', 'configmap', 'coredns', ...place).data;
  if (Corefile.includes(server)) return;
  const data = { Corefile: Corefile.replace(/\n}\s*$/, `\n    forward . ${server}\n}\n`) };
  site.kubectl('patch', 'configmap', 'coredns', ...place, '--type=merge', '-p', JSON.stringify({ data }));
  site.kubectl('rollout', 'restart', 'deployment/coredns', ...place);
  site.kubectl('rollout', 'status', 'deployment/coredns', ...place, '--timeout=300s');
}

/** Starts it beside the cluster, where the site's database is too: processes of their own, for the suite waits for its commands. */
export async function foreignHost(site: Site): Promise<ForeignHost> {
  const { host } = site.stateDatabase;
  const folder = join(site.folder, 'foreign-store');
  mkdirSync(folder);
  const askedFile = join(site.folder, 'asked');
  writeFileSync(askedFile, '');
  letTheClusterAsk(site, `${host}:${port}`);
  const credentials = { accessKeyId: 'foreign', secretAccessKey: randomBytes(12).toString('hex') };
  const servers = [
    spawn(process.execPath, ['-e', anything(host, askedFile)], { stdio: 'ignore' }),
    spawn(site.programs.versitygw, ['--port', `${host}:${storePort}`, 'posix', folder], {
      stdio: 'ignore',
      env: { ROOT_ACCESS_KEY: credentials.accessKeyId, ROOT_SECRET_KEY: credentials.secretAccessKey },
    }),
  ];
  const endpoint = `http://${host}:${storePort}`;
  const client = new S3Client({ region: 'us-east-1', endpoint, forcePathStyle: true, credentials, maxAttempts: 1 });
  for (let wait = 0; ; wait += 1) {
    try {
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      break;
    } catch (error) {
      if (wait > 150) throw error;
      await pause(200);
    }
  }
  return {
    port,
    asked: () => readFileSync(askedFile, 'utf8').split('\n').filter(Boolean),
    upload: async (name) => {
      const sha256 = createHash('sha256').update(taken).digest('hex');
      const promise = { size: taken.length, sha256, contentType: 'text/plain', seconds: 900 };
      const { url, headers } = await signUpload(client, { bucket, key: randomUUID() }, promise);
      return { name, kind: 'put', host: url, headers, body: taken };
    },
    stop: () => {
      client.destroy();
      for (const server of servers) server.kill('SIGKILL');
    },
  };
}
