import { type Borders, internet } from './borders';
import type { GraphResource } from './graph-resource';
import { numberAt, textAt, textsAt } from './input-values';
import { type Edge, edgeOf, type Step, stepOf } from './reach-path';
import { kindOf, type ResourceGraph } from './resource-graph';
import { idOfResource } from './security-groups';

const firewall = 'aws:route53/resolverFirewallRule:ResolverFirewallRule';
const attached = 'aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation';

/** `*.example.nhs.uk.` as `example.nhs.uk`; the empty text is every name. */
const domainOf = (pattern: string): string =>
  pattern
    .replace(/^\*\.?/, '')
    .replace(/\.$/, '')
    .toLowerCase();
const isUnder = (domain: string, parent: string): boolean =>
  parent === '' || domain === parent || domain.endsWith(`.${parent}`);

/** A name that is asked and answered, and by which rule. */
interface Passing {
  readonly domain: string;
  readonly step: Step;
  readonly mend: string;
}

/** A rule by which somebody else is asked. */
interface Forwarding {
  /** For which names; not known of a rule that the stack does not hold. */
  readonly domain: string | undefined;
  readonly to: string;
  readonly steps: readonly Step[];
  readonly mend: string;
}

/**
 * Ways out by the names that are asked: without any gateway, the resolver of a VPC still asks whoever owns a name, and the name
 * can carry data (Route 53 Developer Guide, "Route 53 Resolver DNS Firewall").
 */
export class NameExits {
  readonly #graph: ResourceGraph;
  readonly #borders: Borders;

  constructor(graph: ResourceGraph, borders: Borders) {
    this.#graph = graph;
    this.#borders = borders;
  }

  edges(): readonly Edge[] {
    return this.#graph
      .of('aws:ec2/vpc:Vpc')
      .filter(({ inputs }) => inputs.enableDnsSupport !== false)
      .flatMap((vpc) =>
        this.#passing(vpc).flatMap(({ domain, step, mend }) => {
          const resolvers = this.#resolversOf(vpc, domain);
          const forwarded = resolvers.map(({ to, steps, mend: other }) => edgeOf(vpc, to, [step, ...steps], other));
          // Whom a rule names is asked instead of the domain's own servers, of AWS's names as well.
          const covered = resolvers.some((one) => one.domain !== undefined && isUnder(domain, one.domain));
          return covered || this.#isTrusted(domain, vpc)
            ? forwarded
            : [...forwarded, edgeOf(vpc, internet, [step], mend)];
        }),
      );
  }

  /** The names that pass, in the order of groups and rules, until a rule stops all others. */
  #passing(vpc: GraphResource): readonly Passing[] {
    const open = this.#graph
      .of('aws:route53/resolverFirewallConfig:ResolverFirewallConfig')
      .find(
        ({ inputs }) =>
          textAt(inputs, 'resourceId') === idOfResource(vpc) && textAt(inputs, 'firewallFailOpen') === 'ENABLED',
      );
    const passing: Passing[] =
      open === undefined
        ? []
        : [
            {
              domain: '',
              step: stepOf(open, 'answers every name while the firewall is away'),
              mend: `set firewallFailOpen of ${open.name} to DISABLED`,
            },
          ];
    for (const rule of this.#rulesOf(vpc)) {
      const patterns = this.#graph
        .named(rule, 'firewallDomainListId', 'aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList')
        .flatMap(({ inputs }) => textsAt(inputs, 'domains'));
      const domains = patterns.map(domainOf);
      const action = textAt(rule.inputs, 'action');
      const everything = domains.includes('') && textAt(rule.inputs, 'qType') === undefined;
      if (action === 'BLOCK' && everything) return passing;
      if (action === 'BLOCK') continue;
      const mend = `take the name out of the list of ${kindOf(rule)} ${rule.name}`;
      // A list that the stack does not hold may say anything, and `*example.com` lets `anexample.com` pass, whoever registers it.
      const ends = patterns.some((pattern) => /^\*[^.]/.test(pattern));
      for (const domain of domains.length === 0 || ends ? [''] : domains)
        passing.push({
          domain,
          step: stepOf(rule, `${action} ${domain === '' ? 'every name' : `names under ${domain}`}`),
          mend,
        });
    }
    return [
      ...passing,
      {
        domain: '',
        step: stepOf(vpc, 'no firewall of names stops what no rule knows'),
        mend: `associate a rule group with Vpc ${vpc.name} that ends with BLOCK of *.`,
      },
    ];
  }

  #rulesOf(vpc: GraphResource): readonly GraphResource[] {
    const byPriority = (one: GraphResource, other: GraphResource): number =>
      (numberAt(one.inputs, 'priority') ?? 0) - (numberAt(other.inputs, 'priority') ?? 0);
    const groups = this.#graph
      .of(attached)
      .filter(({ inputs }) => textAt(inputs, 'vpcId') === idOfResource(vpc))
      .toSorted(byPriority);
    return groups.flatMap((group) =>
      this.#graph
        .of(firewall)
        .filter(({ inputs }) => textAt(inputs, 'firewallRuleGroupId') === textAt(group.inputs, 'firewallRuleGroupId'))
        .toSorted(byPriority),
    );
  }

  /** Names of AWS, of our own private zones, and declared ones: nobody else is asked for them. */
  #isTrusted(domain: string, vpc: GraphResource): boolean {
    if (domain === '') return false;
    const zones = this.#graph
      .of('aws:route53/zone:Zone')
      .filter(({ inputs }) => textsAt(inputs, 'vpcs[].vpcId').includes(idOfResource(vpc)))
      .flatMap(({ inputs }) => textsAt(inputs, 'name'));
    // `internal` is kept for private use: no server of the internet answers for it (ICANN, resolution 2024.07.29.06).
    const known = ['amazonaws.com', 'api.aws', 'on.aws', 'internal', ...zones, ...(this.#borders.declared.names ?? [])];
    return known.some((one) => isUnder(domain, domainOf(one)));
  }

  /** Who is asked instead for a domain, for all above it, or for a part of it. */
  #resolversOf(vpc: GraphResource, domain: string): readonly Forwarding[] {
    return this.#graph
      .of('aws:route53/resolverRuleAssociation:ResolverRuleAssociation')
      .filter(({ inputs }) => textAt(inputs, 'vpcId') === idOfResource(vpc))
      .flatMap((association): readonly Forwarding[] => {
        const mend = `take ResolverRuleAssociation ${association.name} out, or declare the exit`;
        const [rule] = this.#graph.named(association, 'resolverRuleId', 'aws:route53/resolverRule:ResolverRule');
        if (rule === undefined)
          return [
            {
              domain: undefined,
              to: 'unknown resolver',
              steps: [stepOf(association, 'a rule of another account')],
              mend,
            },
          ];
        const about = domainOf(textAt(rule.inputs, 'domainName') ?? '');
        if (textAt(rule.inputs, 'ruleType') !== 'FORWARD' || !(isUnder(domain, about) || isUnder(about, domain)))
          return [];
        const addresses = textsAt(rule.inputs, 'targetIps[].ip').concat(textsAt(rule.inputs, 'targetIps[].ipv6'));
        const to = `resolver ${addresses.join(', ')}`;
        return [{ domain: about, to, steps: [stepOf(rule, 'forwards the question')], mend }];
      });
  }
}
