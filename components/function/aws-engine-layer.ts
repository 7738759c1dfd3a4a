import { LayerVersion } from '@pulumi/aws/lambda';
import { asset } from '@pulumi/pulumi';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { awsName } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';

export interface AwsEngineLayerArgs extends AwsComponentArgs {
  /** The folder `node_modules` of an installation for Linux on x64. */
  readonly modules: string;
}

export interface AwsEngineLayer {
  readonly kind: 'aws';
  readonly layer: LayerVersion;
}

/** What no bundle can hold: the native library of the query engine, and the packages that load it. */
const packages = ['node-api', 'node-bindings', 'node-bindings-linux-x64'];

/** The query engine as a layer of Lambda, under `/opt/nodejs/node_modules` (Lambda Developer Guide, "Layers for Node.js"). */
export function awsEngineLayer(component: LakeComponent, name: string, args: AwsEngineLayerArgs): AwsEngineLayer {
  const parts = new AwsParts(component, name, args, { zone: 'lake', classification: 'none' });
  const layer = parts.add(LayerVersion, 'engine', {
    layerName: awsName(args.target, 'engine'),
    description: 'DuckDB for Node.js',
    compatibleRuntimes: ['nodejs24.x'],
    compatibleArchitectures: ['x86_64'],
    code: new asset.AssetArchive(
      Object.fromEntries(
        packages.map((one) => [
          `nodejs/node_modules/@duckdb/${one}`,
          new asset.FileArchive(`${args.modules}/@duckdb/${one}`),
        ]),
      ),
    ),
  });
  parts.complete();
  return { kind: 'aws', layer };
}
