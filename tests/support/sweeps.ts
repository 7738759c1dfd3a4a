/** Whether exhaustive tests try everything (`npm run test:sweeps`) or the part of it that `npm test` has time for. */
export const sweepsWhole = process.env.LAKE_SWEEPS === 'whole';
