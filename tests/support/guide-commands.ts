import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './machine-tools';

export interface GuideSection {
  /** As it stands in the guide: `2. State, once for each account`. */
  readonly title: string;
  /** Lines of its shell blocks. */
  readonly commands: readonly string[];
}

/** What the guide to an account of AWS has its reader run, section by section. */
export const guideSections: readonly GuideSection[] = readFileSync(join(repository, 'docs', 'deploy-aws.md'), 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    title: section.slice(0, section.indexOf('\n')),
    commands: [...section.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
      block.split('\n').filter((line) => line !== ''),
    ),
  }));
