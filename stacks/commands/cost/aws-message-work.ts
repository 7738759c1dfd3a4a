import { awsType as aws } from '../../../components/guardrails/rules/aws-types';
import type { RecordedResource } from '../resource-graph';
import { amountAt, type CostOf, line, monthDays } from './cost-line';
import type { CostDriver } from './drivers';

/** Seconds that a function works on a message; ours are far below (docs/proof.md), the rest is for the waiting. */
const messageSeconds = 0.2;
/** Seconds of a run by the clock: most find nothing to do, a few work for minutes (an assumption). */
const scheduledSeconds = 2;
/** Of so many messages one leads to somebody asking a function that neither the gateway nor a queue hands any (an assumption). */
const messagesPerQuestion = 100;
/** Of so many messages one fails for good and is put aside (an assumption). */
const messagesPerFailure = 1000;

const perDay = { minute: 1440, hour: 24, day: 1 } as const;

/** How often a schedule runs in a month; a `cron` expression is taken for once a day. */
export function runsOf(expression: string): number {
  const [, number = '1', unit = 'day'] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  return (monthDays * perDay[unit as keyof typeof perDay]) / Number(number);
}

/** How often a function runs in a month, for how long, and what drives that. */
function workOf(
  name: string,
  messages: number,
  stack: readonly RecordedResource[],
): readonly [runs: number, seconds: number, driver: CostDriver] {
  // The name of one function may begin that of another.
  const here = new RegExp(`:function:${name}(?![\\w-])`);
  const named = (text: unknown): boolean => here.test(String(text));
  const handed = stack.some(
    ({ type, inputs }) =>
      (type === aws('apigateway', 'RestApi') && named(inputs.body)) ||
      (type === aws('lambda', 'EventSourceMapping') && named(inputs.functionName)),
  );
  if (handed) return [messages, messageSeconds, 'messages'];
  const runs = stack
    .filter(({ type, inputs }) => type === aws('scheduler', 'Schedule') && named(JSON.stringify(inputs.target)))
    .reduce((sum, { inputs }) => sum + runsOf(String(inputs.scheduleExpression)), 0);
  return runs > 0 ? [runs, scheduledSeconds, 'standing'] : [messages / messagesPerQuestion, messageSeconds, 'messages'];
}

/** What a function costs: one that the gateway or a queue hands messages by the message, one that a schedule begins by its runs. */
export const functionCost: CostOf = ({ inputs }, { messages }, stack) => {
  const [runs, seconds, driver] = workOf(String(inputs.name), messages, stack);
  return [
    line('function request', runs, driver),
    line('function GiB second', (runs * seconds * (amountAt(inputs, 'memorySize') ?? 128)) / 1024, driver),
  ];
};

/** Calls that a message in a queue makes: sent, taken, deleted. */
const callsOfQueue = 3;

/** What a queue costs: one that a function takes from by the message, one that holds what failed by the few that do. */
export const queueCost: CostOf = ({ inputs }, { messages }, stack) => {
  const taken = stack.some(
    (one) =>
      one.type === aws('lambda', 'EventSourceMapping') && String(one.inputs.eventSourceArn).endsWith(`:${inputs.name}`),
  );
  return [line('queue request', (callsOfQueue * messages) / (taken ? 1 : messagesPerFailure), 'messages')];
};
