import assert from 'node:assert/strict';
import { ComponentResource, type Inputs } from '@pulumi/pulumi';
import type { LakeComponent } from '../../components/core/lake-component';
import { type ArgsOn, type Builders, type KindsOf, TargetComponent } from '../../components/core/target-component';
import { record } from '../support/pulumi-mocks';

const seen: unknown[] = [];
const builders = {
  aws: (component: LakeComponent, name: string, args: { readonly days: number }) => {
    seen.push([component instanceof Vault, name, args.days]);
    return { native: {}, shelf: `shelf for ${args.days} days` };
  },
  kubernetes: 'the site has a vault of its own',
} satisfies Builders;

class Vault<Kind extends KindsOf<typeof builders>> extends TargetComponent<typeof builders, Kind> {
  declare registered: Inputs | undefined;

  constructor(name: string, args: ArgsOn<typeof builders, Kind>) {
    super('vault', 'Vault', builders, name, args);
  }

  protected override registerOutputs(outputs?: Inputs): void {
    // Pulumi registers once more, without any, what was not registered by then.
    this.registered ??= outputs;
    super.registerOutputs(outputs);
  }
}

describe('A component', () => {
  it('is built by its target, from the arguments of that target', async () => {
    let shelf = '';
    const recorded = await record('apply', () => {
      shelf = new Vault('vault', { target: { kind: 'aws' }, days: 7 }).built.shelf;
    });
    assert.equal(shelf, 'shelf for 7 days');
    assert.deepEqual(seen, [[true, 'vault', 7]]);
    assert.ok(recorded.some(({ type, name }) => type === 'lake:vault:Vault' && name === 'vault'));
  });

  it('registers what its builder made for others as its outputs, and no resource of the vendor', async () => {
    let vault: Vault<'aws'> | undefined;
    await record('apply', () => {
      vault = new Vault('vault', { target: { kind: 'aws' }, days: 7 });
    });
    assert.ok(vault instanceof ComponentResource);
    assert.deepEqual(vault.registered, { shelf: 'shelf for 7 days' });
  });

  it('says what is there instead on a target that has none', async () => {
    await record('apply', () => {
      // The compiler refuses it before: the kind is none of this component's.
      const elsewhere = { target: { kind: 'kubernetes' } } as unknown as ArgsOn<typeof builders, 'aws'>;
      assert.throws(
        () => new Vault('vault', elsewhere),
        /Vault is not built on kubernetes: the site has a vault of its own/,
      );
    });
  });
});
