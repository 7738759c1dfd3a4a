import type { Input } from '@pulumi/pulumi';
import type { Manifest } from '../../functions/manifest';
import type { KubernetesComponentArgs } from '../core/kubernetes-parts';
import type { Reach } from '../core/kubernetes-reach';
import type { KeyHome } from '../function/function-args';

/** Who may set up the lake's keys and the policies of its functions. */
export interface PreparingAccount {
  readonly place: Input<string>;
  readonly name: string;
}

/** The site's own OpenBao: the Kubernetes login of this cluster stands there, and a role for the preparing account. */
export interface ExistingKeyRing {
  readonly address: Input<string>;
  readonly reach: Reach;
}

export interface KeyRingArgs extends KubernetesComponentArgs {
  /** Name of the mount of the transit engine that holds the lake's keys. */
  readonly mount: string;
  readonly place: Input<string>;
  /** Namespaces, by zone, whose permitted pods reach it. */
  readonly users: Readonly<Record<string, Input<string>>>;
  /** The functions whose policies and logins the preparing account may set. */
  readonly manifests: readonly Manifest[];
  readonly preparing: PreparingAccount;
  /** 64 hex digits; opens the server by itself after a restart. For development: a site seals with its HSM or key service. */
  readonly sealKey: Input<string>;
  readonly existing?: ExistingKeyRing;
}

export interface KeyRingResult<Native> {
  readonly native: Native;
  readonly home: KeyHome;
  /** The role the preparing job logs in with. */
  readonly preparingRole: string;
}
