import { LakeError } from '../../adapters/ports/errors';
import { compileMart } from './compile-mart';
import { compileFlatView } from './flat-view';
import { inMart } from './mart-definitions';
import { readMarts } from './mart-library';
import { readStagedMarts } from './staged-mart';

/**
 * Reads and compiles every definition of a library as the functions do that build, list and extract marts, over no tables: what only
 * an engine knows of the SQL, it says when the mart is built.
 *
 * @throws LakeError `InvalidArgument` for what they would refuse, `NotFound` for a library without marts.
 * @public loaded by name when a site brings marts
 */
export function checkMarts(library: string): void {
  const marts = readMarts(library);
  if (marts.length + readStagedMarts(library).length === 0)
    throw new LakeError(
      'NotFound',
      'The library of marts holds none. Put the definitions of each mart into a folder of its own.',
    );
  for (const mart of marts)
    inMart(mart.name, () => {
      for (const view of mart.views.values()) compileFlatView(view);
      compileMart(mart, { view: () => 'SELECT 1', links: 'SELECT 1' });
    });
}
