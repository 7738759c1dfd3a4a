import type { Input } from '@pulumi/pulumi';
import type { KubernetesComponentArgs } from '../core/kubernetes-parts';
import type { Mebibytes, Millicores } from '../core/units';
import type { WarehouseHome } from '../warehouse/warehouse-args';

/** One project's workspace and what it logs in with. */
export interface Workspace {
  /** Name of the project; its workspace signs in to the warehouse under it. */
  readonly project: string;
  readonly warehousePassword: Input<string>;
  /** Opens the workspace; the site's gateway shows it to it. */
  readonly token: Input<string>;
}

export interface TreArgs extends KubernetesComponentArgs {
  readonly place: Input<string>;
  readonly workspaces: readonly Workspace[];
  readonly warehouse: WarehouseHome;
  /** A namespace whose pods bring researchers to their workspace, past a sign-in of their own. */
  readonly gateway: string;
  readonly memory: Mebibytes;
  readonly cpu: Millicores;
  readonly volume: Mebibytes;
}
