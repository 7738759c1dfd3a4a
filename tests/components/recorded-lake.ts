import assert from 'node:assert/strict';
import { companionManifests } from '../../functions/hosts/knative/manifests';
import { readConfig } from '../../stacks/config';
import { deployedFunctions } from '../../stacks/deployed-functions';
import { deployLake } from '../../stacks/lake';
import { kubernetesSite } from '../../stacks/targets/kubernetes';
import { kindOf, type Mode, type Recorded, record } from '../support/pulumi-mocks';
import { devSettings, sourceOf } from './dev-stack';

export type Json = Readonly<Record<string, unknown>>;
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly resources: { readonly requests: Json; readonly limits: Json };
  readonly securityContext: Json;
  readonly env?: readonly { readonly name: string; readonly value?: unknown }[];
}
export interface PodSpec {
  readonly containers: readonly Container[];
  readonly automountServiceAccountToken?: boolean;
  readonly serviceAccountName?: string;
  readonly volumes?: readonly Json[];
  readonly hostNetwork?: boolean;
}
export interface Policy {
  readonly podSelector: { readonly matchLabels?: Json };
  readonly policyTypes: readonly string[];
  readonly egress?: readonly { readonly to?: readonly Json[] }[];
  readonly ingress?: readonly { readonly from?: readonly Json[] }[];
}

const value = Buffer.from('value').toString('base64');
const logins = Object.fromEntries(
  [
    ...deployedFunctions(readConfig(sourceOf(devSettings))).map(({ manifest }) => manifest),
    ...companionManifests,
  ].flatMap(({ name }) => [
    [`${name}.accessKeyId`, value],
    [`${name}.secretAccessKey`, value],
  ]),
);

/** What is read from the cluster: Secrets of the site. */
export const siteReads = {
  'object-store-credentials': { data: logins },
  'archive-credentials': { data: { accessKeyId: value, secretAccessKey: value } },
  'users-of-warehouse': { data: { 'password.db': Buffer.from('ann:hash-of-ann').toString('base64'), 'group.db': '' } },
  'state-database-ca': { data: { 'ca.crt': 'Q0E=' } },
};

export const deploy = (mode: Mode, settings: Readonly<Record<string, string>>, reads: object = siteReads) =>
  record(
    mode,
    () => {
      const config = readConfig(sourceOf(settings));
      deployLake(config, kubernetesSite(config));
    },
    reads as Readonly<Record<string, object>>,
  );

interface Template {
  readonly metadata: Json;
  readonly spec?: PodSpec;
}
interface Templated {
  readonly template?: Template & { readonly driver?: Templated; readonly executor?: Templated };
}

/** The templates of driver and executor in what the spec of a schedule of Spark says. */
export const sparkTemplatesOf = (spec: unknown): readonly Template[] => {
  const { driver, executor } = (spec as Templated | undefined)?.template ?? {};
  return [driver?.template, executor?.template].flatMap((one) => (one === undefined ? [] : [one]));
};

/** Each object of the cluster that runs containers, with its pods' specification and labels; a schedule of Spark has two kinds. */
export function workloadsOf(recorded: readonly Recorded[]) {
  return recorded.flatMap(({ name, inputs }) => {
    const spec = inputs.spec as (Templated & { readonly jobTemplate?: { readonly spec: Templated } }) | undefined;
    const { template } = spec?.jobTemplate?.spec ?? spec ?? {};
    return [template, ...sparkTemplatesOf(spec)].flatMap((one) =>
      one?.spec?.containers === undefined
        ? []
        : [
            {
              name,
              spec: one.spec,
              namespace: (inputs.metadata as Json).namespace,
              labels: (one.metadata.labels ?? {}) as Readonly<Record<string, string>>,
            },
          ],
    );
  });
}

export const objectsOf = (recorded: readonly Recorded[]) =>
  recorded.filter(({ type }) => type.startsWith('kubernetes:'));
export const mebibytesOf = (text: unknown): number => {
  const found = /^(\d+)(Mi|Gi)$/.exec(String(text));
  assert.ok(found, `a memory size: ${String(text)}`);
  return Number(found[1]) * (found[2] === 'Gi' ? 1024 : 1);
};
export const millicoresOf = (text: unknown): number => {
  const found = /^(\d+)m$/.exec(String(text));
  assert.ok(found, `processor time in millicores: ${String(text)}`);
  return Number(found[1]);
};
export const policiesOf = (recorded: readonly Recorded[]) =>
  recorded
    .filter((one) => kindOf(one) === 'NetworkPolicy')
    .map(({ name, inputs }) => ({ name, metadata: inputs.metadata as Json, spec: inputs.spec as unknown as Policy }));
