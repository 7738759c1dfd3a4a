import { fdatasync, openSync, write } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';

const sync = promisify(fdatasync);
const append = promisify(write);

/**
 * The floor of the ingest bench: Hono that parses JSON and appends the body to one file, durable before the answer, the sync
 * shared by all who wait for it. No token, validation, split, encryption, ledger or audit. Usage: bare-server.ts FILE
 */
const file = openSync(process.argv[2] ?? '', 'a');
let waiting: { body: string; resolve: () => void }[] = [];
let running = false;

async function run(): Promise<void> {
  running = true;
  while (waiting.length > 0) {
    const group = waiting;
    waiting = [];
    await append(file, `${group.map(({ body }) => body).join('\n')}\n`);
    await sync(file);
    for (const { resolve } of group) resolve();
  }
  running = false;
}

const app = new Hono();
app.post('*', async (context) => {
  const body = await context.req.text();
  JSON.parse(body);
  await new Promise<void>((resolve) => {
    waiting.push({ body, resolve });
    if (!running) void run();
  });
  return context.body(null, 201);
});
const server = createServer(getRequestListener(app.fetch));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`lake ready http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
