import assert from 'node:assert/strict';
import { codeListOf } from '../../../functions/privacy/code-lists';
import { isSnomedConcept } from '../../../functions/privacy/leaf-formats';
import type { Admission, HealthEvent } from '../../../functions/simulation/health-event';
import { healthHistory } from '../../../functions/simulation/health-history';
import { day, dayOf, yearsBetween } from '../../../functions/simulation/london-time';
import type { ConditionName } from '../../../functions/simulation/long-term-conditions';
import { NhsNumberSource } from '../../../functions/simulation/nhs-number-source';
import { simulate } from '../../../functions/simulation/simulate';
import { type SimulatedPerson, simulatedPerson } from '../../../functions/simulation/simulated-person';
import { documentsOf, everyObject } from './simulated-content';

const period = { start: dayOf('2019-04-01'), end: dayOf('2026-10-31') };

describe('The simulated population', () => {
  const numbers = new NhsNumberSource('population');
  const people: { person: SimulatedPerson; history: readonly HealthEvent[] }[] = Array.from(
    { length: 3000 },
    (_, index) => {
      const person = simulatedPerson('population', index, period, numbers);
      return { person, history: healthHistory(person, period) };
    },
  );
  const share = (count: number): number => count / people.length;
  const having = (name: ConditionName): number =>
    share(people.filter(({ person }) => person.conditions.some(({ condition }) => condition.name === name)).length);
  const between = (value: number, least: number, most: number, what: string): void =>
    assert.ok(value >= least && value <= most, `${what}: ${value} is not between ${least} and ${most}`);

  it('has illness as common as registers find it, within wide bounds', () => {
    between(having('asthma'), 0.05, 0.11, 'asthma');
    between(having('copd'), 0.012, 0.045, 'COPD');
    between(having('hypertension'), 0.08, 0.18, 'hypertension');
    between(having('diabetes'), 0.03, 0.09, 'diabetes');
    between(having('depression'), 0.06, 0.15, 'depression');
    between(share(people.filter(({ person }) => person.smoking === 'current').length), 0.07, 0.16, 'smokers');
    between(share(people.filter(({ person }) => person.ethnicity[0] === 'A').length), 0.7, 0.85, 'White British');
    between(share(people.filter(({ person }) => person.sex === 'female').length), 0.47, 0.54, 'female');
  });

  it('has more lung disease among those who smoke', () => {
    const rate = (smokes: boolean): number => {
      const group = people.filter(
        ({ person }) => (person.smoking !== 'never') === smokes && yearsBetween(person.born, period.end) > 45,
      );
      return (
        group.filter(({ person }) => person.conditions.some(({ condition }) => condition.name === 'copd')).length /
        group.length
      );
    };
    assert.ok(rate(true) > 2 * rate(false));
  });

  it('comes to emergency departments by day more than by night', () => {
    const hours = new Array<number>(24).fill(0);
    for (const { history } of people)
      for (const { kind, at } of history) if (kind === 'attendance') hours[new Date(at).getUTCHours()]! += 1;
    const from = (least: number, most: number) => hours.slice(least, most + 1).reduce((sum, count) => sum + count, 0);
    const total = from(0, 23);
    between(total / people.length / 7.6, 0.12, 0.35, 'attendances a year');
    assert.ok(hours.every((count) => count > 0));
    assert.ok(from(10, 15) > 2.5 * from(0, 5));
  });

  it('returns to hospital within 30 days after one emergency stay in nine or so', () => {
    let stays = 0;
    let back = 0;
    for (const { history } of people) {
      const admissions = history.filter((event): event is Admission => event.kind === 'admission');
      for (const [index, stay] of admissions.entries()) {
        const next = admissions[index + 1];
        if (next !== undefined) assert.ok(next.at >= stay.until || next.died, 'nobody lies in two beds');
        if (!stay.emergency || stay.died) continue;
        stays += 1;
        if (next?.emergency && next.at - stay.until < 30 * day) back += 1;
      }
    }
    assert.ok(stays > 500);
    between(back / stays, 0.07, 0.18, 'readmissions');
  });

  it('lives before it dies, and nothing happens to the dead', () => {
    let died = 0;
    for (const { person, history } of people) {
      for (const event of history) {
        assert.ok(event.at > person.born);
        if (person.died !== undefined && event.kind !== 'death') assert.ok(event.at < person.died);
        if (person.died !== undefined && 'until' in event) assert.ok(event.until <= person.died);
      }
      if (person.died !== undefined) died += 1;
    }
    between(share(died) / 7.6, 0.002, 0.012, 'deaths a year');
  });

  it('is vaccinated in autumn, the old more than the young', () => {
    const seasons = people.flatMap(({ history }) => history.filter((event) => event.kind === 'flu'));
    assert.ok(seasons.length > 1000);
    for (const { at } of seasons) assert.ok(new Date(at).getUTCMonth() >= 8);
    assert.ok(seasons.some(({ given }) => !given));
  });

  it('needs a respiratory register: asthma and COPD with inhalers', () => {
    const bodies = [...simulate({ people: 250, seed: 9 })].map(({ body }) => body).join('\n');
    for (const code of ['195967001', '13645005', '39113611000001102', '822851000000102'])
      assert.ok(bodies.includes(`"${code}"`));
  });

  it('uses codes that have the form of their system, and UK Core codes of the published lists', () => {
    const codes = new Map<string, Set<string>>();
    for (const message of simulate({ people: 250, seed: 9 })) {
      for (const { system, code } of everyObject(documentsOf(message))) {
        if (typeof system !== 'string' || typeof code !== 'string') continue;
        const known = codes.get(system) ?? new Set<string>();
        codes.set(system, known.add(code));
      }
    }
    for (const system of ['http://snomed.info/sct', 'https://dmd.nhs.uk'])
      for (const code of codes.get(system) ?? []) assert.ok(isSnomedConcept(code), `${system} ${code}`);
    let lists = 0;
    for (const [system, used] of codes) {
      const list = codeListOf(system);
      if (list === undefined) continue;
      lists += 1;
      for (const code of used) assert.ok(list.has(code), `${system} ${code}`);
    }
    assert.ok(lists > 15);
  });
});
