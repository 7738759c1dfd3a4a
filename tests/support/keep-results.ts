import { ResultsReporter } from './results-reporter';

// A reporter that mocha is named by its file has to be all that the file exports.
module.exports = ResultsReporter;
