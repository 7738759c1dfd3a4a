/** Pulumi's token of a class of `@pulumi/aws`: `awsType('s3', 'Bucket')` is `aws:s3/bucket:Bucket`. */
export const awsType = (module: string, kind: string): string =>
  `aws:${module}/${kind.charAt(0).toLowerCase()}${kind.slice(1)}:${kind}`;

/** The account and region that a stack is deployed to, as its explicit provider: rules about either are asked of it. */
export const awsAccount = 'pulumi:providers:aws';
