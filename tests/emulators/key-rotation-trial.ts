import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type BuildOptions, build } from 'esbuild';
import { isLakeError } from '../../adapters/ports/errors';
import { EnvelopeEncryption } from '../../adapters/shared/envelope-encryption';
import { isGoingOn } from '../../functions/operator/run-goes-on';
import { keyVersionOf, Tokeniser } from '../../functions/privacy/tokens';
import type { GoldenHost } from '../contract/golden-host';
import { sealedRecords } from '../support/audit-reader';
import { describeOver, type GivenServers, type ServerName } from '../support/given-servers';
import type { MortalFunction } from '../support/knative-lake';
import { pseudonymKeysOn } from '../support/pseudonym-key';
import { numbers, ods, olderNames, RotatedPeople } from '../support/rotated-people';
import type { AwsHome } from './lambda-lake';
import type { ServerHome } from './server-home';

const { optionsOf } = require('../../functions/cli/build.js') as { optionsOf(name: string): BuildOptions };

/** How often each place is killed. */
const rotations = Number(process.env.LAKE_KILLS_EACH ?? 1);

/** Where the lake's half dies, one life after the other; some lives see the identity zone's half die first. */
const lives: readonly { readonly diesAt: string; readonly identityDiesAt?: string }[] = [
  { diesAt: 'rotate.begun' },
  { diesAt: 'rotate.resources' },
  { diesAt: 'rotate.patients' },
  { diesAt: 'rotate.identifiers' },
  { diesAt: 'rotate.requests' },
  { diesAt: 'landing.put 1' },
  { diesAt: 'rotate.landing' },
  { diesAt: 'rotate.originals', identityDiesAt: 'identity.put 1' },
  { diesAt: 'rotate.register', identityDiesAt: 'remap.remap 2' },
  { diesAt: 'curated.putIfAbsent 2' },
  { diesAt: 'rotate.curated' },
  { diesAt: 'rotate.links', identityDiesAt: 'register.links 1' },
  { diesAt: 'marts.putIfAbsent 1' },
  { diesAt: 'rotate.marts' },
  { diesAt: 'rotation.complete 1' },
];

export interface RotationStage {
  readonly home: Pick<ServerHome & AwsHome, 'lake' | 'identity' | 'ledger' | 'storeOf' | 'keys'>;
  readonly lake: GoldenHost & {
    kill(name: string, instead?: MortalFunction): Promise<void>;
    ended(name: string): Promise<void>;
  };
  /** What ann asks at a desk. */
  ask(desk: string, method: string, input: object): Promise<unknown>;
  /** What another function asks, past what keeps it from that. */
  askAs(caller: string, name: string, request: object): Promise<unknown>;
  /** Milliseconds between two messages of a sender: what is sent meanwhile must be made over as well. */
  readonly pace: number;
  /** Lets happen meanwhile what only happens by a clock or a queue that the test plays. */
  passing<Result>(work: Promise<Result>): Promise<Result>;
}

/**
 * A rotation of the pseudonym key by a person at the desk while senders go on and either half is killed.
 *
 * @param bundle how the mortal function is built: as this bundle of the product
 */
export function describeKeyRotation<Name extends ServerName>(
  title: string,
  needed: readonly Name[],
  { mortal, bundle }: { readonly mortal: string; readonly bundle: string },
  stageOf: (servers: GivenServers<Name>) => Promise<RotationStage>,
): void {
  describeOver(title, needed, function (servers) {
    this.timeout(900_000);

    let stage: RotationStage;
    let people: RotatedPeople;
    const script = join(__dirname, '..', '..', 'dist', `${mortal}.js`);
    before(async () => {
      await build({ ...optionsOf(bundle), entryPoints: [join(__dirname, `${mortal}.ts`)], outfile: script });
      stage = await stageOf(servers);
      people = await RotatedPeople.of(stage.lake);
      await stage.lake.settle();
      await ask('operator', 'buildMarts', { names: ['patient_timeline'], full: false });
    });
    after(() => stage?.lake.stop());

    const ask = (desk: string, method: string, input: object): Promise<unknown> =>
      stage.passing(answered(desk, method, input));
    const answered = async (desk: string, method: string, input: object): Promise<unknown> => {
      let answer = await stage.ask(desk, method, input);
      while (isGoingOn(answer)) answer = await stage.ask(desk, 'awaitRun', { id: answer.goesOn });
      return answer;
    };
    /** The lease of a worker that died has run out, and so has the pause before the next attempt. */
    const timePasses = (workersLive: boolean) =>
      stage.home.lake.transaction(async (tx) => {
        const ofTheJob = "job = 'key-rotation' AND state =";
        if (!workersLive) await tx.run(`UPDATE job_run SET lease_until = created WHERE ${ofTheJob} 'running'`);
        await tx.run(`UPDATE job_run SET not_before = created WHERE ${ofTheJob} 'queued'`);
      });
    const diesBy = async (name: string): Promise<void> => {
      let dead = false;
      const death = stage.lake.ended(name).then(() => {
        dead = true;
      });
      for (let wait = 0; !dead && wait < 300; wait += 1) {
        await Promise.race([death, pause(1000)]);
        // What was asked of a half that died may have failed: the run waits.
        await timePasses(true);
      }
      assert.ok(dead, `${name} did not come to its place`);
    };
    const patientsNamed = async (number: string): Promise<readonly string[]> => {
      const named = await ask('identity-operator', 'patientsNamed', { nhsNumbers: [number] });
      return (named as { readonly patients: readonly string[] }).patients;
    };
    const keys = () => pseudonymKeysOn(stage.home.lake, stage.home.keys);

    it('goes on wherever either half is killed, while senders go on: nothing lost, nothing twice, nobody another', async () => {
      const { lake, home } = stage;
      const former = await patientsNamed(numbers[0]);
      await ask('operator', 'hold', { patients: [former[0]!], reference: 'Inquiry 12' });
      let kills = 0;
      await people.whileSending(stage.pace, async () => {
        for (let rotation = 0; rotation < rotations; rotation += 1) {
          let rotated: Promise<unknown> | undefined;
          for (const { diesAt, identityDiesAt } of lives) {
            await timePasses(false);
            if (identityDiesAt !== undefined)
              await lake.kill('identity-key-rotation', { script, diesAt: identityDiesAt });
            await lake.kill('key-rotation', { script, diesAt });
            rotated ??= ask('operator', 'rotatePseudonymKey', {});
            if (identityDiesAt !== undefined) {
              await diesBy('identity-key-rotation');
              await lake.kill('identity-key-rotation');
              kills += 1;
            }
            await diesBy('key-rotation');
            kills += 1;
          }
          await timePasses(false);
          await lake.kill('key-rotation');
          assert.deepEqual(await rotated, { version: 2 + rotation });
        }
      });
      // What was refused is offered again after pauses.
      for (let wait = 0; wait < 600 && (await home.ledger.unpublished(1)).length > 0; wait += 1) await pause(500);
      await lake.settle();
      await lake.settle();
      const { observations, patients } = people.sent;
      console.log(`      ${kills} kills, ${observations} observations and ${patients} patients acknowledged`);
      await people.assertWhole(await keys());
    });

    it('leaves nothing under an older key', async () => {
      const { home, lake } = stage;
      assert.equal((await keys()).length, 1 + rotations);
      const older = olderNames(await keys());
      const holdsNone = (place: string, text: string): void => {
        for (const value of older) assert.ok(!text.includes(value), `${place} holds what an older key made`);
      };
      for (const [name, database] of [['lake', home.lake] as const, ['identity', home.identity] as const]) {
        const tables = ['resource', 'version', 'identifier', 'legal_hold', 'identity_record', 'link', 'link_claim'];
        const text = await database.snapshot(async (tx) => {
          const there = await tx.query<{ name: string }>(
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
          );
          const rows = there
            .filter((one) => tables.includes(one.name))
            .map((one) => tx.query(`SELECT * FROM ${one.name}`));
          return JSON.stringify(await Promise.all(rows));
        });
        assert.ok(text.length > 1000);
        holdsNone(`the database ${name}`, text);
      }
      const { open } = new EnvelopeEncryption({
        unwrap: (encrypted, context) => home.keys.unwrap('landing', encrypted, context),
      });
      const segments = await home.lake.snapshot((tx) =>
        tx.query<{ segment: string }>('SELECT DISTINCT segment FROM version'),
      );
      assert.ok(segments.length > 10);
      for (const { segment } of segments) {
        const [provider = '', retention = ''] = segment.split('/');
        const bytes = await open(await home.storeOf('landing').read(segment), { zone: 'landing', provider, retention });
        holdsNone(segment, Buffer.from(bytes).toString('utf8'));
      }
      for (const table of ['observation', 'patient'])
        holdsNone(table, JSON.stringify(await lake.rows(`SELECT id, patient_ref, resource FROM curated.${table}`)));
    });

    it('keeps a legal hold, and refuses an erasure under a name of before', async () => {
      const [hold] = (await ask('operator', 'holds', {})) as { readonly id: string; readonly subject: string }[];
      assert.equal(keyVersionOf(hold!.subject), 1 + rotations);
      const patients = await patientsNamed(numbers[0]);
      assert.ok(patients.includes(hold!.subject));
      await ask('operator', 'releaseHold', { id: hold!.id });
      const former = new Tokeniser([{ version: 1, key: (await keys()).at(-1)! }]).rekey(ods.gp, 'Patient', 'g0');
      await assert.rejects(ask('operator', 'erase', { patients: [former], held: [] }), (error) =>
        isLakeError(error, 'InvalidArgument'),
      );
      const erased = (await ask('operator', 'erase', { patients, held: [] })) as { erased: { resources: object } };
      assert.ok(Object.keys(erased.erased.resources).includes('Patient'));
    });

    it('stands in both streams of the audit, begun by who asked for it', async () => {
      const { home, lake } = stage;
      assert.ok(await lake.auditVerifies());
      const told = async (stream: 'lake' | 'identity') =>
        (await sealedRecords(home.storeOf('audit'), stream)).map(
          ({ action, agent, outcome }) => `${action} ${agent.id} ${outcome.code}`,
        );
      const inLake = await told('lake');
      const times = (records: readonly string[], one: string) => records.filter((record) => record === one).length;
      assert.equal(times(inLake, 'lake identity rotate-key ann key-made'), rotations);
      assert.equal(times(inLake, 'job:identity.rotate-key ann key-rotated'), rotations);
      const inIdentity = await told('identity');
      assert.ok(times(inIdentity, 'job:identity.rotate-key key-rotation made-over') >= rotations);
      for (const kind of ['originals', 'register', 'links'])
        assert.ok(times(inIdentity, `identity:key-rotation.${kind} key-rotation answered`) >= rotations, kind);
      await assert.rejects(stage.askAs('marts', 'identity-key-rotation', { kind: 'links', version: 9 }), (error) =>
        isLakeError(error, 'PermissionDenied'),
      );
    });
  });
}
