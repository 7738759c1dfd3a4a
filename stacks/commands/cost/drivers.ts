/** What a lake is used for in a month: everything that makes it cost more than standing still. */
export const driverDescriptions = {
  messages: 'messages (requests of senders) a month',
  messageKibibytes: 'size of a message, KiB',
  storedGibibytes: 'what all zones hold together, GiB',
  tokens: 'tokens given to senders a month',
  jobHours: 'hours a day in which the jobs run on Spark',
  warehouseHours: 'hours a day in which the warehouse answers',
} as const;

export type DriverName = keyof typeof driverDescriptions;
export type Drivers = Readonly<Record<DriverName, number>>;
/** `standing`: what is paid for without any use. */
export type CostDriver = DriverName | 'standing';

export const driverNames = Object.keys(driverDescriptions) as readonly DriverName[];

/** An integrated care board of a million people (an assumption; say your own). */
export const mediumLake: Drivers = {
  messages: 5_000_000,
  messageKibibytes: 8,
  storedGibibytes: 3072,
  tokens: 20_000,
  jobHours: 2,
  warehouseHours: 4,
};
