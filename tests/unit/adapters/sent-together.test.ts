import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { sentTogether } from '../../../adapters/postgres/sent-together';

describe('statements of one turn', () => {
  it('leave in one piece, those of the next turn in the next', async () => {
    const pieces: number[] = [];
    const stream = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => {
        pieces.push(1);
        done();
      },
      writev: (chunks, done) => {
        pieces.push(chunks.length);
        done();
      },
    });
    const together = sentTogether(stream);
    const send = (text: string): void => {
      together();
      // As the driver does with the messages of one statement.
      stream.cork();
      stream.write(`bind ${text}`);
      stream.write(`execute ${text}`);
      stream.uncork();
    };
    send('a');
    send('b');
    await Promise.resolve().then(() => send('c'));
    await new Promise((resolve) => setImmediate(resolve));
    send('d');
    const finished = once(stream, 'finish');
    stream.end();
    await finished;
    assert.equal(
      pieces.reduce((sum, piece) => sum + piece, 0),
      8,
    );
    assert.deepEqual(pieces, [6, 2]);
  });
});
