import { randomUUID } from 'node:crypto';

/**
 * Ids that sort in the order of their making: UUID version 7 (RFC 9562 section 5.7), 48 bits of milliseconds and a 12 bit
 * counter (method 1 of section 6.2). The order holds within one process; across processes it is only as good as their
 * clocks, so nothing may rely on it to find what is new.
 */
let lastMilliseconds = 0;
let counter = 0;

export function timeOrderedId(milliseconds: number): string {
  // A clock that steps back must not make ids that sort before earlier ones: the counter runs on, then the time.
  if (milliseconds > lastMilliseconds) {
    lastMilliseconds = milliseconds;
    counter = 0;
  } else if (counter === 0xfff) {
    lastMilliseconds += 1;
    counter = 0;
  } else {
    counter += 1;
  }
  const time = lastMilliseconds.toString(16).padStart(12, '0');
  const random = randomUUID();
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}${random.slice(18)}`;
}
