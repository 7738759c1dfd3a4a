import { GuardedGraph } from '../../components/guardrails/rules/guarded-graph';
import type { RecordedResource } from './resource-graph';

/** A secret stands in a recording as `{ secret: value }`; rules look at values and never repeat one. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === 'secret') return bare(entries[0][1]);
  return Object.fromEntries(entries.map(([key, inner]) => [key, bare(inner)]));
}

/** The recorded resources of a stack as rules see them: inputs, with what a provider would have answered. */
export const guardedGraph = (recorded: readonly RecordedResource[]): GuardedGraph =>
  new GuardedGraph(
    recorded.map(({ type, name, urn, id, inputs, outputs, protect }) => ({
      type,
      name,
      urn,
      protect,
      props: { ...outputs, ...(bare(inputs) as Readonly<Record<string, unknown>>), id },
    })),
  );
