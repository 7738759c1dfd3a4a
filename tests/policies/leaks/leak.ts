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

export const remove =
  (type: AwsType, name: string) =>
  (stack: Stack): Stack => {
    const rest = stack.filter((one) => one.type !== type || one.name !== name);
    if (rest.length !== stack.length - 1) throw new Error(`The stack has not one ${type} ${name}.`);
    return rest;
  };

export const change =
  <Type extends AwsType>(type: Type, name: string, inputs: (now: AwsInputs[Type]) => AwsInputs[Type]) =>
  (stack: Stack): Stack => {
    if (!stack.some((one) => one.type === type && one.name === name)) throw new Error(`No ${type} ${name} is there.`);
    return stack.map((one) =>
      one.type === type && one.name === name
        ? { ...one, inputs: inputs(one.inputs as AwsInputs[Type]) as GraphResource['inputs'] }
        : one,
    );
  };

export const inTurn =
  (...changes: readonly ((stack: Stack) => Stack)[]) =>
  (stack: Stack): Stack =>
    changes.reduce((now, next) => next(now), stack);
