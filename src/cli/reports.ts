import { allReports } from '../check/reports.js';
import { InputError } from '../core/errors.js';
import { differences, writeFolder } from '../report/files.js';
import { BAD_INPUT, OK, UNEXPECTED } from './options.js';

/** `npm run reports [-- FOLDER] [-- --check]`: writes the reports, or says which are stale. */
async function main(args: readonly string[]): Promise<number> {
  const check = args.includes('--check');
  const folder = args.find((a) => !a.startsWith('-')) ?? 'reports';
  const files = await allReports();
  if (!check) {
    writeFolder(folder, files);
    process.stdout.write(`${files.size} files in ${folder}\n`);
    return OK;
  }
  const stale = differences(folder, files);
  for (const name of stale) process.stdout.write(`${folder}/${name} is not fresh\n`);
  process.stdout.write(stale.length ? 'run: npm run reports\n' : `${folder} is fresh\n`);
  return stale.length ? UNEXPECTED : OK;
}

main(process.argv.slice(2))
  .then((status) => (process.exitCode = status))
  .catch((error: unknown) => {
    const known = error instanceof InputError;
    process.stderr.write(`reports: ${known ? error.message : String(error)}\n`);
    process.exitCode = BAD_INPUT;
  });
