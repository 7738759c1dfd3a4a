import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { TBinaryProtocol, TBufferedTransport, Thrift } from 'thrift';
import { HiveCatalogue } from '../../../adapters/hive/hive-catalogue';
import { MetastoreClient } from '../../../adapters/hive/metastore-client';
import { isLakeError, type LakeErrorCode } from '../../../adapters/ports/errors';
import { freePort } from '../../support/loopback-server';

/** What a metastore may quote in its message, and no error of the port may repeat. */
const quoted = 'table of-9434765919';

/** An answer in Thrift's own encoding: the exception at this field of the result, or Thrift's exception about the call itself. */
function refusal(call: string, field: number | undefined, message: string): Buffer {
  const chunks: Buffer[] = [];
  const protocol = new TBinaryProtocol(new TBufferedTransport(undefined, (data) => chunks.push(data as Buffer)));
  if (field === undefined) {
    protocol.writeMessageBegin(call, Thrift.MessageType.EXCEPTION, 1);
    new Thrift.TApplicationException(Thrift.TApplicationExceptionType.UNKNOWN_METHOD, message).write(protocol);
  } else {
    protocol.writeMessageBegin(call, Thrift.MessageType.REPLY, 1);
    protocol.writeFieldBegin('o', Thrift.Type.STRUCT, field);
    protocol.writeFieldBegin('message', Thrift.Type.STRING, 1);
    protocol.writeString(message);
    protocol.writeFieldStop();
    protocol.writeFieldStop();
  }
  protocol.writeMessageEnd();
  protocol.flush();
  return Buffer.concat(chunks);
}

describe('errors of a Hive metastore become the closed codes', () => {
  let answer: Buffer;
  let port: number;
  const server = createServer((socket) => void socket.on('data', () => socket.write(answer)));
  before(async () => {
    port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  });
  after(() => server.close());

  for (const [call, field, exception, message, code] of [
    ['create_table', 1, 'AlreadyExistsException', quoted, 'AlreadyExists'],
    ['create_table', 2, 'InvalidObjectException', quoted, 'InvalidArgument'],
    ['create_table', 3, 'MetaException', quoted, 'Unknown'],
    ['create_table', 4, 'NoSuchObjectException', quoted, 'NotFound'],
    ['alter_table_with_environment_context', 1, 'InvalidOperationException', quoted, 'InvalidArgument'],
    [
      'alter_table_with_environment_context',
      2,
      'MetaException',
      `The table has been modified. ${quoted}`,
      'PreconditionFailed',
    ],
    ['get_table_objects_by_name_req', 3, 'UnknownDBException', quoted, 'NotFound'],
    ['get_all_tables', undefined, 'TApplicationException', quoted, 'Unsupported'],
  ] as const satisfies readonly (readonly [string, number | undefined, string, string, LakeErrorCode])[]) {
    it(`${exception} of ${call} is ${code}`, async () => {
      answer = refusal(call, field, message);
      await assert.rejects(
        MetastoreClient.with({ host: '127.0.0.1', port }, (client) => client.call(call, {})),
        (error) => {
          assert.ok(isLakeError(error, code), String(error));
          assert.ok(!error.message.includes(quoted));
          assert.ok(error.cause !== undefined);
          return true;
        },
      );
    });
  }

  it('what is not Thrift, and nobody answering, is Unavailable', async () => {
    const binding = { kind: 'hive', host: '127.0.0.1', curated: 'file:///c', marts: 'file:///m' } as const;
    answer = Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n');
    const silence = { timeoutMilliseconds: 100 };
    for (const at of [port, await freePort()])
      await assert.rejects(new HiveCatalogue({ ...binding, ...silence, port: at }).tables(), (error) =>
        isLakeError(error, 'Unavailable'),
      );
  });
});
