import assert from 'node:assert/strict';
import { simulatedProviders } from '../../../functions/simulation/providers';
import { simulate } from '../../../functions/simulation/simulate';
import type { Expectation } from '../../../functions/simulation/simulated-message';
import {
  answerKeyName,
  providersName,
  type SimulationSink,
  writeSimulation,
} from '../../../functions/simulation/write-simulation';

class Files implements SimulationSink {
  readonly texts = new Map<string, string>();

  write(name: string, text: string): void {
    assert.ok(!this.texts.has(name), `${name} is written once`);
    this.texts.set(name, text);
  }

  append(name: string, text: string): void {
    this.texts.set(name, `${this.texts.get(name) ?? ''}${text}`);
  }
}

describe('writeSimulation', () => {
  it('writes every message as it is, the providers and the answer key', async () => {
    const options = { people: 15, seed: 3, faults: true };
    const files = new Files();
    let progress = 0;
    const totals = await writeSimulation(options, files, (count) => {
      progress = count;
    });
    const messages = [...simulate(options)];
    for (const { name, body } of messages) assert.equal(files.texts.get(name), body);
    assert.equal(files.texts.size, messages.length + 2);
    assert.equal(progress, messages.length);
    assert.deepEqual(JSON.parse(files.texts.get(providersName) ?? ''), simulatedProviders);
    const key = (files.texts.get(answerKeyName) ?? '')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Expectation);
    assert.deepEqual(
      key,
      messages.flatMap(({ expectations = [] }) => expectations),
    );
    for (const { file } of key) assert.ok(files.texts.has(file));
    assert.deepEqual(totals, {
      people: 15,
      files: messages.length,
      resources: messages.reduce((sum, { resources }) => sum + resources, 0),
      expectations: key.length,
    });
  });

  it('waits for the sink and passes its errors on', async () => {
    const full = {
      write: async (name: string) => (name.endsWith('.json') ? undefined : Promise.reject(new Error('disk full'))),
      append: () => undefined,
    };
    await assert.rejects(writeSimulation({ people: 2, seed: 1 }, full), /disk full/);
  });
});
