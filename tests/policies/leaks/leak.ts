import type { GraphResource } from '../../../components/guardrails/reachability/graph-resource';
import type { AwsInputs, AwsType } from '../hand-written-stack/aws-inputs';

export type Stack = readonly GraphResource[];

/** A change to a good stack by which data gets out, as somebody in a hurry would write it. */
export interface Leak {
  readonly name: string;
  /** Where it gets to. */
  readonly reaches: string;
  /** Resources that an explanation has to name. */
  readonly through: readonly string[];
  readonly plant: (stack: Stack) => Stack;
}

export const add =
  (...resources: Stack) =>
  (stack: Stack): Stack => [...stack, ...resources];

export const change =
  <Type extends AwsType>(type: Type, name: string, inputs: (now: AwsInputs[Type]) => AwsInputs[Type]) =>
  (stack: Stack): Stack => {
    if (!stack.some((one) => one.type === type && one.name === name)) throw new Error(`No ${type} ${name} is there.`);
    return stack.map((one) =>
      one.type === type && one.name === name
        ? { ...one, inputs: inputs(one.inputs as unknown as AwsInputs[Type]) as unknown as GraphResource['inputs'] }
        : one,
    );
  };

export const inTurn =
  (...changes: readonly ((stack: Stack) => Stack)[]) =>
  (stack: Stack): Stack =>
    changes.reduce((now, next) => next(now), stack);
