import { anyAccount, type Borders, internet } from './borders';
import type { GraphResource } from './graph-resource';
import { documentOf, textAt, textsAt, valuesAt } from './input-values';
import { type Edge, edgeOf, stepOf } from './reach-path';
import { keyOf, kindOf, type ResourceGraph } from './resource-graph';

/** What a type hands over by itself: from the resource it names (itself when it names none) to each that these paths name. */
interface Delivery {
  readonly from?: string;
  readonly to: readonly string[];
  /** Where the account of the destination is said beside it. */
  readonly account?: string;
}

/** Every type of which AWS carries something away by itself. A URL or an address of mail is the internet. */
export const deliveries: Readonly<Record<string, Delivery>> = {
  'aws:apigateway/stage:Stage': { to: ['accessLogSettings.destinationArn'] },
  'aws:backup/plan:Plan': { to: ['rules[].copyActions[].destinationVaultArn'] },
  'aws:cfg/deliveryChannel:DeliveryChannel': { to: ['s3BucketName', 'snsTopicArn'] },
  'aws:cloudtrail/trail:Trail': { to: ['s3BucketName', 'snsTopicName', 'cloudWatchLogsGroupArn'] },
  'aws:cloudwatch/compositeAlarm:CompositeAlarm': { to: ['alarmActions', 'okActions', 'insufficientDataActions'] },
  'aws:cloudwatch/eventApiDestination:EventApiDestination': { to: ['invocationEndpoint'] },
  'aws:cloudwatch/eventTarget:EventTarget': { to: ['arn', 'deadLetterConfig.arn'] },
  'aws:cloudwatch/logDelivery:LogDelivery': { to: ['deliveryDestinationArn'] },
  'aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination': {
    to: ['deliveryDestinationConfiguration.destinationResourceArn'],
  },
  'aws:cloudwatch/logDestination:LogDestination': { to: ['targetArn'] },
  'aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter': { from: 'logGroup', to: ['destinationArn'] },
  'aws:cloudwatch/metricAlarm:MetricAlarm': { to: ['alarmActions', 'okActions', 'insufficientDataActions'] },
  'aws:cloudwatch/metricStream:MetricStream': { to: ['firehoseArn'] },
  'aws:ec2/flowLog:FlowLog': { from: 'vpcId', to: ['logDestination'] },
  'aws:ecr/replicationConfiguration:ReplicationConfiguration': {
    to: ['replicationConfiguration.rules[].destinations[].registryId'],
  },
  'aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream': {
    to: [
      'httpEndpointConfiguration.url',
      'extendedS3Configuration.bucketArn',
      'splunkConfiguration.hecEndpoint',
      'snowflakeConfiguration.accountUrl',
      'redshiftConfiguration.clusterJdbcurl',
      'opensearchConfiguration.domainArn',
      'opensearchserverlessConfiguration.collectionEndpoint',
      'elasticsearchConfiguration.domainArn',
      'icebergConfiguration.catalogArn',
    ],
  },
  'aws:lambda/eventSourceMapping:EventSourceMapping': {
    from: 'eventSourceArn',
    to: ['functionName', 'destinationConfig.onFailure.destinationArn'],
  },
  'aws:lambda/function:Function': { to: ['deadLetterConfig.targetArn'] },
  'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig': {
    from: 'functionName',
    to: ['destinationConfig.onFailure.destination', 'destinationConfig.onSuccess.destination'],
  },
  'aws:pipes/pipe:Pipe': { from: 'source', to: ['target', 'enrichment'] },
  'aws:rds/exportTask:ExportTask': { from: 'sourceArn', to: ['s3BucketName'] },
  'aws:rds/eventSubscription:EventSubscription': { to: ['snsTopic'] },
  'aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig': { to: ['destinationArn'] },
  'aws:s3/analyticsConfiguration:AnalyticsConfiguration': {
    from: 'bucket',
    to: ['storageClassAnalysis.dataExport.destination.s3BucketDestination.bucketArn'],
  },
  'aws:s3/bucketLogging:BucketLogging': { from: 'bucket', to: ['targetBucket'] },
  'aws:s3/bucketNotification:BucketNotification': {
    from: 'bucket',
    to: ['lambdaFunctions[].lambdaFunctionArn', 'queues[].queueArn', 'topics[].topicArn'],
  },
  'aws:s3/bucketReplicationConfig:BucketReplicationConfig': {
    from: 'bucket',
    to: ['rules[].destination.bucket'],
    account: 'rules[].destination.account',
  },
  'aws:s3/inventory:Inventory': {
    from: 'bucket',
    to: ['destination.bucket.bucketArn'],
    account: 'destination.bucket.accountId',
  },
  'aws:scheduler/schedule:Schedule': { to: ['target.arn', 'target.deadLetterConfig.arn'] },
  'aws:sns/topicSubscription:TopicSubscription': { from: 'topic', to: ['endpoint'] },
  'aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration': { to: ['logDestinationConfigs'] },
};

const isOfTheInternet = (destination: string): boolean =>
  /^(https?|wss?):\/\//.test(destination) || /^[^:/]+@[^:/]+$/.test(destination);

/** Ways by which AWS itself hands things over: copies, logs, events, mail. */
export class Deliveries {
  readonly #graph: ResourceGraph;
  readonly #borders: Borders;

  constructor(graph: ResourceGraph, borders: Borders) {
    this.#graph = graph;
    this.#borders = borders;
  }

  edges(): readonly Edge[] {
    return [
      ...this.#graph.of(...Object.keys(deliveries)).flatMap((resource) => this.#edgesOf(resource)),
      ...this.#graph.of('aws:sfn/stateMachine:StateMachine').flatMap((machine) => this.#calls(machine)),
      ...this.#graph
        .of('aws:apigateway/restApi:RestApi', 'aws:apigateway/integration:Integration')
        .flatMap((api) => this.#integrations(api)),
    ];
  }

  #edgesOf(resource: GraphResource): readonly Edge[] {
    const { from, to, account } = deliveries[resource.type] as Delivery;
    const named = from === undefined ? undefined : textAt(resource.inputs, from);
    const source = this.#sourceOf(resource, named);
    const owner = account === undefined ? undefined : textAt(resource.inputs, account);
    return to.flatMap((path) =>
      textsAt(resource.inputs, path).flatMap((destination) => {
        const place = this.#placeOf(resource, path, destination, owner);
        if (place === undefined || place === keyOf(source)) return [];
        const mend = `take ${path} of ${kindOf(resource)} ${resource.name} out`;
        return [edgeOf(source, place, [stepOf(resource, `${path} leads to ${place}`)], mend)];
      }),
    );
  }

  #sourceOf(resource: GraphResource, named: string | undefined): GraphResource {
    if (named === undefined) return resource;
    return (
      this.#graph.resources.find(
        (one) => one !== resource && isSource(one) && this.#graph.find(named, one.type) === one,
      ) ?? resource
    );
  }

  #placeOf(resource: GraphResource, path: string, destination: string, owner: string | undefined): string | undefined {
    const protocol = resource.type.endsWith('TopicSubscription') ? textAt(resource.inputs, 'protocol') : undefined;
    if (protocol !== undefined && !['sqs', 'lambda', 'firehose'].includes(protocol)) return internet;
    if (isOfTheInternet(destination)) return internet;
    if (!destination.startsWith('arn:') && !/^[0-9]{12}$/.test(destination)) {
      // The name of a bucket says nothing of its owner; a topic or a function named without an account is of our own.
      const bucket = /bucket/i.test(path);
      const found = bucket ? this.#graph.find(destination, 'aws:s3/bucket:Bucket') : this.#graph.find(destination);
      return found === undefined ? (bucket ? this.#borders.placeOf(destination) : undefined) : keyOf(found);
    }
    return this.#borders.destinationOf(destination, owner);
  }

  /** Calls of a state machine to the internet, or with ARNs of others. */
  #calls(machine: GraphResource): readonly Edge[] {
    const [definition] = valuesAt(machine.inputs, 'definition');
    const text = typeof definition === 'string' ? definition : JSON.stringify(definition ?? '');
    const arns = text.match(/arn:aws[\w-]*:[^"'\s\\]+/g) ?? [];
    const places = arns.flatMap((arn) =>
      arn.includes(':states:::') ? (arn.includes(':http:') ? [internet] : []) : (this.#borders.placeOf(arn) ?? []),
    );
    return [...new Set(places)].map((place) =>
      edgeOf(
        machine,
        place,
        [stepOf(machine, `definition calls ${place}`)],
        `take the call out of StateMachine ${machine.name}`,
      ),
    );
  }

  /** A gateway that calls anything else than our functions gives its callers what they must not have. */
  #integrations(api: GraphResource): readonly Edge[] {
    const [body] = valuesAt(api.inputs, 'body');
    if (kindOf(api) === 'RestApi' && body === undefined) return [];
    const found = kindOf(api) === 'Integration' ? [api.inputs] : integrationsIn(documentOf(body));
    if (found === undefined)
      return [
        edgeOf(api, internet, [stepOf(api, 'body cannot be read')], `give RestApi ${api.name} a body that is JSON`),
      ];
    return found.flatMap((integration) => {
      const kind = (textAt(integration, 'type') ?? '').toLowerCase();
      const uri = textAt(integration, 'uri') ?? '';
      const isOurFunction =
        /:lambda:path\//.test(uri) && this.#borders.placeOf(uri.replace(/^.*\/functions\//, '')) === undefined;
      if (kind === 'mock' || (kind.startsWith('aws') && isOurFunction)) return [];
      const place = kind.startsWith('aws') && uri.includes(':lambda:path/') ? anyAccount : internet;
      const says =
        `an operation is answered by ${kind === '' ? 'nothing known' : kind} ${uri.split(':')[4] ?? ''}`.trim();
      return [
        edgeOf(api, place, [stepOf(api, says)], `let functions of the lake answer every operation of ${api.name}`),
      ];
    });
  }
}

/** What holds something that a delivery takes along. */
const isSource = ({ type }: GraphResource): boolean => !(type in deliveries) || type.endsWith(':Function');

function integrationsIn(document: unknown): readonly unknown[] | undefined {
  if (document === undefined) return undefined;
  if (typeof document !== 'object' || document === null) return [];
  return Object.entries(document).flatMap(([key, value]) =>
    key === 'x-amazon-apigateway-integration' ? [value] : (integrationsIn(value ?? null) ?? []),
  );
}
