import { readFile } from 'node:fs/promises';

/** Linux counts CPU time in hundredths of a second on every machine that Node runs on. */
const MICROS_PER_TICK = 10_000;

/** @returns {Promise<number | null>} user and system time of a process so far, in microseconds; null where there is no /proc */
export async function cpuMicros(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MICROS_PER_TICK;
}

/** @returns {Promise<{ nowMb: number, peakMb: number } | null>} resident memory of a process; null where there is no /proc */
export async function residentMemory(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => null);
  if (status === null) return null;
  const megabytes = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`, 'u').exec(status)?.[1]) / 1024);
  return { nowMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
}
