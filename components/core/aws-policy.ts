import { type Input, jsonStringify, type Output } from '@pulumi/pulumi';

type Texts = Input<string> | readonly Input<string>[];

/** Everybody, or by kind: `{ AWS: ARN }`, `{ Service: 'lambda.amazonaws.com' }`. */
export type PolicyPrincipal = '*' | Readonly<Record<string, Texts>>;

/** One statement in the language of IAM, for roles, keys, buckets, topics, queues and endpoints alike. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: PolicyPrincipal;
  readonly Action?: string | readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource?: Texts;
  readonly NotResource?: Texts;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Texts>>>>;
}

/** The policy as text; known while planning unless a resource that is not yet made is named in it. */
export const policyText = (statements: readonly PolicyStatement[]): Output<string> =>
  jsonStringify({ Version: '2012-10-17', Statement: statements });

export const allow = (
  Action: string | readonly string[],
  Resource: Texts,
  Condition?: PolicyStatement['Condition'],
): PolicyStatement => ({ Effect: 'Allow', Action, Resource, ...(Condition === undefined ? {} : { Condition }) });

export const deny = (
  Action: string | readonly string[],
  Resource: Texts,
  Condition?: PolicyStatement['Condition'],
): PolicyStatement => ({ Effect: 'Deny', Action, Resource, ...(Condition === undefined ? {} : { Condition }) });
