import { connect, type Socket } from 'node:net';
import { TBinaryProtocol, TBufferedTransport, Thrift } from 'thrift';
import { hiveError, MetastoreException } from './hive-errors';
import { type MetastoreCall, type MetastoreCallName, metastoreCalls } from './metastore-calls';
import { readStruct, type StructType, type StructValue, writeStruct } from './thrift-struct';

export interface MetastoreAddress {
  readonly host: string;
  readonly port: number;
  /** Of silence, after which a call has failed. @default 30000 */
  readonly timeoutMilliseconds?: number;
}

/** Of an answer: the lists of a lake are a thousandth of it. */
const mostBytes = 64 * 1024 * 1024;

/**
 * One conversation with a Hive metastore: Thrift's binary protocol over a plain, unframed connection, one call after the
 * other. No SASL and no TLS: it is for a metastore that a network policy or a tunnel guards.
 */
export class MetastoreClient {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Connects, lets `work` talk, and hangs up. */
  static async with<Result>(
    { host, port, timeoutMilliseconds = 30_000 }: MetastoreAddress,
    work: (client: MetastoreClient) => Promise<Result>,
  ): Promise<Result> {
    const socket = connect({ host, port, noDelay: true });
    // The one listener that stays: an error between two calls has nobody else to go to, and the next call meets it.
    socket.on('error', () => undefined);
    socket.setTimeout(timeoutMilliseconds, () => socket.destroy(new Error('no answer in time')));
    try {
      return await work(new MetastoreClient(socket));
    } finally {
      socket.destroy();
    }
  }

  /**
   * @throws LakeError of the exception that the call declares; `Unavailable` when no answer came
   */
  async call(name: MetastoreCallName, args: StructValue): Promise<unknown> {
    const call: MetastoreCall = metastoreCalls[name];
    try {
      const request = Buffer.concat(messageOf(name, call.args, args));
      return await this.#exchange(request, call);
    } catch (error) {
      throw hiveError(error);
    }
  }

  #exchange(request: Buffer, call: MetastoreCall): Promise<unknown> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      let received = 0;
      const read = TBufferedTransport.receiver((transport) => {
        const answer = answerOf(transport, call);
        if (answer !== undefined) done(() => answer());
      }, 0);
      const onData = (data: Buffer): void => {
        received += data.length;
        try {
          if (received > mostBytes) throw new Error('the answer is too large');
          read(data);
        } catch (error) {
          done(() => {
            throw error;
          });
        }
      };
      const onError = (error: Error): void => done(() => Promise.reject(error));
      const onClose = (): void => done(() => Promise.reject(new Error('the connection was closed')));
      const done = (settle: () => unknown): void => {
        socket.off('data', onData).off('error', onError).off('close', onClose);
        Promise.resolve().then(settle).then(resolve, reject);
      };
      socket.on('data', onData).on('error', onError).on('close', onClose);
      if (socket.destroyed) onClose();
      else socket.write(request);
    });
  }
}

function messageOf(name: string, fields: StructType, args: StructValue): Buffer[] {
  const chunks: Buffer[] = [];
  const protocol = new TBinaryProtocol(new TBufferedTransport(undefined, (data) => chunks.push(data as Buffer)));
  protocol.writeMessageBegin(name, Thrift.MessageType.CALL, 1);
  writeStruct(protocol, fields, args);
  protocol.writeMessageEnd();
  protocol.flush();
  return chunks;
}

const messageField = { message: [1, 'string'] } satisfies StructType;

/** What the answer says, once all of it is there; undefined before. */
function answerOf(transport: TBufferedTransport, call: MetastoreCall): (() => unknown) | undefined {
  const protocol = new TBinaryProtocol(transport);
  try {
    const { mtype } = protocol.readMessageBegin();
    if (mtype === Thrift.MessageType.EXCEPTION) {
      const { message } = readStruct(protocol, messageField);
      transport.commitPosition();
      return () => Promise.reject(new MetastoreException('TApplicationException', String(message)));
    }
    const exceptions = call.exceptions.map((name, index) => [name, [index + 1, { struct: messageField }]] as const);
    const result = readStruct(protocol, {
      ...Object.fromEntries(exceptions),
      ...(call.success === undefined ? {} : { success: [0, call.success] }),
    });
    protocol.readMessageEnd();
    transport.commitPosition();
    const [raised] = call.exceptions.filter((name) => result[name] !== undefined);
    if (raised === undefined) return () => result.success;
    const { message } = result[raised] as StructValue;
    return () => Promise.reject(new MetastoreException(raised, String(message)));
  } catch (error) {
    // Thrift's way to say that more is to come.
    if ((error as Error).name !== 'InputBufferUnderrunError') throw error;
    transport.rollbackPosition();
    return undefined;
  }
}
