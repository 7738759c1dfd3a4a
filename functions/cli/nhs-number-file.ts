import { readFileSync } from 'node:fs';
import { readNhsNumber } from '../privacy/nhs-number';
import { UsageError } from './verb';

/**
 * NHS numbers by line of a file, `-` for standard input: a command line would show them to every user of the machine.
 * @returns one list of ten-digit numbers for each line that is not empty.
 */
export function nhsNumberLines(file: string, perLine = 1): readonly (readonly string[])[] {
  const lines = readFileSync(file === '-' ? 0 : file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.map((line, index) => {
    const words = perLine === 1 ? [line] : line.split(/[\s,;]+/);
    return words.map((word) => {
      const reading = readNhsNumber(word);
      if (reading.kind !== 'valid' || words.length > perLine)
        throw new UsageError(`Line ${index + 1} does not hold what is asked: NHS numbers of ten digits (modulus 11).`);
      return reading.value;
    });
  });
}
