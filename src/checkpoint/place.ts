import { join } from 'node:path';

/** Where one job of a checkpoint keeps what it has. Plain data: threads send it. */
export interface Place {
  readonly folder: string;
  /** Number of the job. */
  readonly job: number;
  /** Fingerprint of all that was asked: files of another question do not count. */
  readonly question: string;
  /** Seconds from one save to the next. */
  readonly every: number;
}

const KINDS = ['answer', 'search', 'journal', 'states', 'states2'] as const;
export type Kind = (typeof KINDS)[number];

/** A file of a job. */
export function fileOf({ folder, job }: Place, kind: Kind): string {
  return join(folder, `${job}.${kind}`);
}

/** Is this a name that some job's file has, finished or not? */
export function isJobFile(name: string): boolean {
  const [job, kind, ...more] = name.split('.');
  const isKind = (KINDS as readonly string[]).includes(kind ?? '');
  return /^\d+$/.test(job!) && isKind && ['', 'tmp'].includes(more.join('.'));
}
