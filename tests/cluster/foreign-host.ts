import { spawn } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { signUpload } from '../../adapters/s3-compatible/s3-signed-upload';
import type { Probe } from './probe-pod';
import type { Site } from './site';

/** A host outside the lake that would take whatever reached it. */
export interface ForeignHost {
  /** It takes any connection and answers any datagram at this port. */
  readonly port: number;
  /** An upload into its object store, signed with keys that hold there. */
  upload(name: string): Promise<Probe>;
  stop(): void;
}

const storePort = 15_060;
const port = 15_053;
const bucket = 'taken';
const taken = 'x';

const anything = (host: string): string => `
const net = require('node:net'), dgram = require('node:dgram');
net.createServer((socket) => { socket.on('error', () => undefined); socket.end(); }).listen(${port}, '${host}');
const datagrams = dgram.createSocket('udp4');
datagrams.on('message', (message, from) => datagrams.send(message, from.port, from.address));
datagrams.bind(${port}, '${host}');
`;

/** Starts it beside the cluster, where the site's database is too: processes of their own, for the suite waits for its commands. */
export async function foreignHost(site: Site): Promise<ForeignHost> {
  const { host } = site.stateDatabase;
  const folder = join(site.folder, 'foreign-store');
  mkdirSync(folder);
  const credentials = { accessKeyId: 'foreign', secretAccessKey: randomBytes(12).toString('hex') };
  const servers = [
    spawn(process.execPath, ['-e', anything(host)], { stdio: 'ignore' }),
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
