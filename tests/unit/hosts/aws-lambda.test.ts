import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { AliasCallers } from '../../../adapters/aws/alias-callers';
import { LakeError } from '../../../adapters/ports/errors';
import type { StateDatabase, StateTransaction } from '../../../adapters/ports/state-database';
import { HandlerExchange } from '../../../functions/hosts/aws-lambda/handler-exchange';
import { type LambdaFunction, lambdaHandler } from '../../../functions/hosts/aws-lambda/lambda-function';
import {
  type ProxyAnswer,
  type ProxyEvent,
  proxyAnswer,
  requestOf,
} from '../../../functions/hosts/aws-lambda/proxy-event';
import { SettlingStateDatabase } from '../../../functions/hosts/aws-lambda/settling-state-database';
import { type DeliveredEvent, type SqsEvent, takeBatch } from '../../../functions/hosts/aws-lambda/sqs-batch';
import { steadily } from '../../../functions/hosts/aws-lambda/steady-beat';
import type { NodeHandler } from '../../../functions/hosts/drainable-server';

const proxyEvent = (changes: Partial<ProxyEvent> = {}): ProxyEvent => ({
  httpMethod: 'POST',
  path: '/FHIR/R4/Patient',
  multiValueHeaders: { Host: ['lake.example.nhs.uk'] },
  multiValueQueryStringParameters: null,
  body: null,
  isBase64Encoded: false,
  ...changes,
});

const echo: NodeHandler = async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const { method, url, headers, socket } = request;
  const digest = createHash('sha256').update(body).digest('hex');
  response.writeHead(201, { 'content-type': 'application/fhir+json', 'set-cookie': ['a=1', 'b=2'], 'keep-alive': '5' });
  response.end(JSON.stringify({ method, url, headers, length: body.length, digest, address: socket.remoteAddress }));
};

describe('a REST API in front of a function', () => {
  it('hands every byte, header and parameter over, and the address of the sender', async () => {
    const body = randomBytes(3_000_000);
    const event = proxyEvent({
      path: '/FHIR/R4/$import/é f',
      multiValueHeaders: {
        Host: ['lake.example.nhs.uk'],
        Accept: ['a', 'b'],
        Connection: ['x'],
        'Content-Length': ['1'],
      },
      multiValueQueryStringParameters: { _format: ['json', 'a&b=c'], 'x y': ['é'] },
      body: body.toString('base64'),
      isBase64Encoded: true,
      requestContext: { identity: { sourceIp: '192.0.2.7' } },
    });
    const { status, headers, body: answer } = await new HandlerExchange(echo).send(requestOf(event));
    const seen = JSON.parse(answer.toString()) as Record<string, unknown> & { headers: Record<string, string> };
    assert.equal(status, 201);
    assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2']);
    assert.equal(seen.url, '/FHIR/R4/$import/%C3%A9%20f?_format=json&_format=a%26b%3Dc&x+y=%C3%A9');
    assert.deepEqual([seen.length, seen.digest], [body.length, createHash('sha256').update(body).digest('hex')]);
    assert.equal(seen.address, '192.0.2.7');
    assert.equal(seen.headers.accept, 'a, b');
    assert.equal(seen.headers['content-length'], String(body.length));
  });

  it('reads bodies as text where they come as text, and single headers where no others are', async () => {
    const { body, headers } = requestOf({
      ...proxyEvent(),
      multiValueHeaders: null,
      headers: { Accept: 'x' },
      body: 'é',
    });
    assert.deepEqual([body.toString(), headers], ['é', { Accept: ['x'] }]);
  });

  it('gives text as text and all else as base64, without what is of one connection', async () => {
    const of = (type: string, body: Buffer) =>
      proxyAnswer({ status: 200, headers: { 'content-type': [type], connection: ['close'], etag: ['W/"1"'] }, body });
    const text = of('application/fhir+json; charset=utf-8', Buffer.from('{"é":1}'));
    assert.deepEqual([text.body, text.isBase64Encoded], ['{"é":1}', false]);
    assert.deepEqual(Object.keys(text.multiValueHeaders), ['content-type', 'etag']);
    const bytes = Buffer.from([0xff, 0, 0xfe]);
    const binary = of('application/octet-stream', bytes);
    assert.deepEqual([binary.body, binary.isBase64Encoded], [bytes.toString('base64'), true]);
  });

  it('answers only when the handler is done, also with what it does after its answer', async () => {
    let done = false;
    const exchange = new HandlerExchange(async (_, response) => {
      response.end('early');
      await setTimeout(30);
      done = true;
    });
    assert.equal((await exchange.send(requestOf(proxyEvent()))).body.toString(), 'early');
    assert.ok(done);
  });

  it('serves several at once, a HEAD and an empty answer', async () => {
    const exchange = new HandlerExchange((request, response) => {
      response.writeHead(204, { 'x-method': request.method ?? '' }).end();
    });
    const all = await Promise.all(
      ['HEAD', 'GET', 'DELETE'].map((httpMethod) => exchange.send(requestOf(proxyEvent({ httpMethod })))),
    );
    assert.deepEqual(
      all.map(({ status, headers, body }) => [status, headers['x-method']?.[0], body.length]),
      [
        [204, 'HEAD', 0],
        [204, 'GET', 0],
        [204, 'DELETE', 0],
      ],
    );
  });

  it('is refused what is not HTTP, and told when the handler broke', async () => {
    const broken = new HandlerExchange(async () => Promise.reject(new Error('MARKER')));
    await assert.rejects(broken.send(requestOf(proxyEvent())), { code: 'Unavailable' });
    const bad = requestOf(proxyEvent({ multiValueHeaders: { 'X-Bad': ['a\nb'] } }));
    await assert.rejects(new HandlerExchange(echo).send(bad), { code: 'InvalidArgument' });
  });
});

const event = (id: string): object => ({ specversion: '1.0', id, source: '/lake', type: 'test', data: { id } });
const batchOf = (...bodies: readonly (string | object)[]): SqsEvent => ({
  Records: bodies.map((body, n) => ({
    eventSource: 'aws:sqs',
    messageId: `m${n}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: { ApproximateReceiveCount: String(n + 1) },
  })),
});

const inTime = {
  remaining: () => 60_000,
  retries: { attempts: 3, firstPause: 1, deadline: 60_000 },
};

describe('a batch of a queue', () => {
  it('is taken one after the other, and only what failed comes again', async () => {
    const seen: string[] = [];
    const failures: unknown[] = [];
    let running = 0;
    const handle = async ({ id, redelivered }: DeliveredEvent): Promise<void> => {
      running += 1;
      assert.equal(running, 1);
      await setTimeout(2);
      running -= 1;
      seen.push(`${id} ${redelivered}`);
      if (id === 'b') throw new Error('the store is away');
    };
    const batch = batchOf(event('a'), event('b'), 'no JSON', { id: 'x' }, event('c'));
    const answer = await takeBatch(batch, { handle }, (error) => failures.push(error), inTime);
    assert.deepEqual(seen, ['a false', 'b true', 'c true']);
    assert.deepEqual(answer, {
      batchItemFailures: ['m1', 'm2', 'm3'].map((itemIdentifier) => ({ itemIdentifier })),
    });
    assert.equal(failures.length, 3);
  });

  it('comes again as a whole when its end fails, and is not ended when nothing was taken', async () => {
    let ends = 0;
    const end = async (): Promise<void> => {
      ends += 1;
      throw new Error('the table is away');
    };
    const handle = async ({ id }: DeliveredEvent): Promise<void> => {
      if (id === 'bad') throw new Error('bad');
    };
    const failed = await takeBatch(batchOf(event('a'), event('b')), { handle, end }, () => undefined, inTime);
    assert.equal(failed.batchItemFailures.length, 2);
    await takeBatch(batchOf(event('bad')), { handle, end }, () => undefined, inTime);
    assert.equal(ends, 1);
  });

  it('waits for what is away, and gives the rest back when the time of the invocation is over', async () => {
    const away = (): LakeError => new LakeError('Unavailable', 'the database changes over');
    const seen: string[] = [];
    let ends = 0;
    const handler = {
      handle: async ({ id, redelivered }: DeliveredEvent): Promise<void> => {
        seen.push(`${id} ${redelivered}`);
        if (id === 'a' && seen.length < 3) throw away();
      },
      end: async (): Promise<void> => {
        ends += 1;
        if (ends < 2) throw away();
      },
    };
    const failures: unknown[] = [];
    const fail = (error: unknown): void => void failures.push(error);
    const whole = await takeBatch(batchOf(event('a')), handler, fail, inTime);
    assert.deepEqual([seen, ends, whole.batchItemFailures], [['a false', 'a true', 'a true'], 2, []]);
    let left = 60_000;
    const slow = {
      ...handler,
      handle: async (): Promise<void> => {
        left -= 25_000;
      },
    };
    const time = { ...inTime, remaining: () => left };
    const part = await takeBatch(batchOf(event('a'), event('b'), event('c')), slow, fail, time);
    assert.deepEqual(part, { batchItemFailures: [{ itemIdentifier: 'm2' }] });
    assert.deepEqual([ends, failures], [3, []]);
  });
});

describe('a function on Lambda', () => {
  const kept = { ...process.env };
  const stderr = process.stderr.write;
  let logged = '';
  beforeEach(() => {
    logged = '';
    Object.assign(process.env, { LAKE_FUNCTION: 'test', LAKE_BINDING: '{}' });
    process.stderr.write = ((text: string) => {
      logged += text;
      return true;
    }) as typeof process.stderr.write;
  });
  afterEach(() => {
    process.env = { ...kept };
    process.stderr.write = stderr;
  });
  const own = 'arn:aws:lambda:eu-west-2:123456789012:function:test';
  const context = { invokedFunctionArn: own, getRemainingTimeInMillis: () => 29_000 };
  const settled = async (): Promise<void> => undefined;
  const handlerOf = (made: Partial<LambdaFunction>) => lambdaHandler('test', async () => ({ settled, ...made }));

  it('tells a sender to come again when it cannot start, and starts at the next request', async () => {
    let starts = 0;
    const handler = lambdaHandler('test', async () => {
      starts += 1;
      if (starts < 3) throw new LakeError('Unavailable', 'MARKER');
      return { http: echo, settled };
    });
    const answers: ProxyAnswer[] = [];
    for (let n = 0; n < 3; n += 1) answers.push((await handler(proxyEvent(), context)) as ProxyAnswer);
    assert.deepEqual(
      answers.map(({ statusCode }) => statusCode),
      [503, 503, 201],
    );
    const [first] = answers;
    assert.deepEqual(first?.multiValueHeaders['retry-after'], ['5']);
    assert.equal((JSON.parse(first?.body ?? '') as { resourceType: string }).resourceType, 'OperationOutcome');
    assert.ok(!answers.some(({ body }) => body.includes('MARKER')) && !logged.includes('MARKER'));
  });

  it('tells a sender what is no HTTP, which would be none again', async () => {
    const event = proxyEvent({ multiValueHeaders: { 'X-Bad': ['a\nb'] } });
    const { statusCode, body } = (await handlerOf({ http: echo })(event, context)) as ProxyAnswer;
    assert.deepEqual([statusCode, /"code":"structure"/.test(body)], [400, true]);
  });

  it('serves the function it is told to, and refuses events it has no way for', async () => {
    process.env.LAKE_FUNCTION = 'other';
    await assert.rejects(handlerOf({})({}, context), /this bundle serves test/);
    process.env.LAKE_FUNCTION = 'test';
    for (const event of [{}, proxyEvent(), batchOf('x')])
      await assert.rejects(handlerOf({})(event, context), { code: 'InvalidArgument' });
    let beats = 0;
    const handler = handlerOf({
      beat: async (remaining) => {
        beats += remaining();
      },
    });
    for (const event of [{ source: 'aws.events', 'detail-type': 'Scheduled Event' }, {}, null])
      await handler(event, context);
    assert.equal(beats, 3 * 29_000);
    await assert.rejects(handler(proxyEvent(), context), { code: 'InvalidArgument' });
  });

  it('answers other functions, told who they are by the alias alone, and repeats nothing of a failure', async () => {
    const asked: unknown[] = [];
    let answer: () => Promise<unknown> = async () => undefined;
    const handler = handlerOf({
      asked: {
        callers: new AliasCallers(),
        answer: (caller, request) => {
          asked.push([caller, request]);
          return answer();
        },
      },
    });
    const event = { request: { kind: 'opt-outs', caller: 'marts' } };
    assert.deepEqual(await handler(event, { ...context, invokedFunctionArn: `${own}:marts` }), { result: null });
    answer = () => Promise.reject(new LakeError('PermissionDenied', 'You may not.'));
    assert.deepEqual(await handler(event, context), { code: 'PermissionDenied', message: 'You may not.' });
    // What an alarm counts (components/audit/aws-alarm-rules.ts).
    assert.match(logged, /"level":"error","name":"\w+","code":"PermissionDenied"/);
    answer = () => Promise.reject(new Error('MARKER'));
    const failed = (await handler(event, context)) as { readonly code: string };
    assert.equal(failed.code, 'Unknown');
    assert.ok(!JSON.stringify(failed).includes('MARKER') && !logged.includes('MARKER'));
    const { request } = event;
    assert.deepEqual(asked, [
      ['marts', request],
      [undefined, request],
      [undefined, request],
    ]);
    await assert.rejects(handler({ source: 'aws.scheduler' }, context), { code: 'InvalidArgument' });
  });

  it('gives nothing on that is longer than Lambda takes, and says what to do', async () => {
    const long = '"'.repeat(4 * 1024 * 1024);
    const handler = handlerOf({
      http: (_, response) => void response.writeHead(200, { 'content-type': 'application/fhir+json' }).end(long),
      asked: { callers: new AliasCallers(), answer: async () => ({ long }) },
    });
    const { statusCode, body } = (await handler(proxyEvent(), context)) as ProxyAnswer;
    assert.deepEqual([statusCode, /"code":"too-costly"/.test(body)], [413, true]);
    const answer = (await handler({ request: {} }, { ...context, invokedFunctionArn: `${own}:marts` })) as object;
    assert.equal('code' in answer && answer.code, 'InvalidArgument');
  });

  it('gives nothing of a failure to the log of the service but its code', async () => {
    const unable = lambdaHandler('test', async () => {
      throw new Error('MARKER', { cause: 'MARKER' });
    });
    await assert.rejects(unable({}, context), (error: Error) => {
      assert.ok(error.cause === undefined && !String(error.stack).includes('MARKER'));
      return true;
    });
    const failing = handlerOf({
      beat: async () => {
        throw new Error('MARKER');
      },
    });
    await assert.rejects(failing({}, context), (error: Error) => {
      assert.ok(error.cause === undefined && !String(error.stack).includes('MARKER'));
      return true;
    });
    assert.ok(!logged.includes('MARKER') && logged.includes('"level":"error"'));
  });

  it('ends an invocation only when nothing goes on, also a failed one', async () => {
    let open = 2;
    const settling = async (): Promise<void> => {
      await setTimeout(10);
      open -= 1;
    };
    const beats = [async () => undefined, async () => Promise.reject(new Error('x'))];
    const handler = handlerOf({ beat: async () => beats.shift()?.(), settled: settling });
    await handler({}, context);
    assert.equal(open, 1);
    await assert.rejects(handler({}, context));
    assert.equal(open, 0);
  });

  it('beats until its time is nearly over, also past a failure', async () => {
    let left = 12_500;
    const failures: unknown[] = [];
    let rounds = 0;
    const round = async (): Promise<void> => {
      rounds += 1;
      left -= 1000;
      if (rounds === 1) throw new Error('the broker is away');
    };
    await steadily(
      round,
      () => left,
      (error) => failures.push(error),
    );
    assert.deepEqual([rounds, failures.length], [2, 1]);
    await assert.rejects(
      steadily(
        async () => Promise.reject(new Error('last')),
        () => 100,
        () => undefined,
      ),
    );
  });

  it('knows of transactions that outlive their answer', async () => {
    let over = 0;
    const transaction = async <Result>(work: (tx: StateTransaction) => Promise<Result>): Promise<Result> => {
      const result = await work({} as StateTransaction);
      over += 1;
      return result;
    };
    const database = new SettlingStateDatabase({ capabilities: new Set(), transaction } as unknown as StateDatabase);
    void database.transaction(() => setTimeout(10)).then(() => database.transaction(() => setTimeout(10)));
    const failed = database.transaction(() => Promise.reject(new Error('conflict')));
    await assert.rejects(failed);
    await database.settled();
    assert.equal(over, 2);
  });
});
