/** The figures that CloudWatch Logs takes, from a day to ten years (its API, PutRetentionPolicy). */
export const awsLogDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** The shortest that CloudWatch Logs keeps for at least as long. */
export function awsLogDaysFor(days: number): number {
  const found = awsLogDays.find((one) => one >= days);
  if (found === undefined || days < 1)
    throw new RangeError(
      'Days that logs are kept: 1 to 3653 are allowed. The locked archive keeps what must stay longer.',
    );
  return found;
}
