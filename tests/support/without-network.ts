import assert from 'node:assert/strict';
import { Socket } from 'node:net';

/**
 * What stands in the portability matrix for an adapter that reaches nothing: the fault proxy has no place before it.
 *
 * @param heading as in the contract: `Port: adapter`
 * @param ownFaults what can fail instead, and where that is shown
 * @param work a walk through the adapter; any connection that it begins fails the test
 */
export function hasNoNetwork(heading: string, ownFaults: string, work: () => Promise<void>): void {
  describe(heading, () => {
    describe('behind a bad network', () => {
      it(`no network: ${ownFaults}`, async () => {
        const { connect } = Socket.prototype;
        let connections = 0;
        Socket.prototype.connect = function counted(this: Socket, ...target: Parameters<typeof connect>) {
          connections += 1;
          return connect.apply(this, target);
        } as typeof connect;
        try {
          await work();
        } finally {
          Socket.prototype.connect = connect;
        }
        assert.equal(connections, 0);
      });
    });
  });
}
