import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Remembers a process so that a later run can find it, even when this one is killed without a chance to clean up.
 * The process's start time is kept beside its id: ids are given out again, and a stranger must never be stopped.
 * @param {string} file
 * @param {number} pid
 */
export function writePidFile(file, pid) {
  writeFileSync(file, `${pid} ${startTimeOf(pid) ?? ''}\n`);
}

/**
 * @param {string} file
 * @returns {number | undefined} the id of the very process that the file was written for, if it still runs
 */
export function readLivePid(file) {
  if (!existsSync(file)) return undefined;
  const record = parsePidFile(readFileSync(file, 'utf8'));
  if (!record) return undefined;
  return startTimeOf(record.pid) === record.startTime ? record.pid : undefined;
}

/**
 * @param {string} text
 * @returns {{ pid: number, startTime: string } | undefined} undefined for a file that was cut off or is not ours
 */
export function parsePidFile(text) {
  const match = /^(\d+) (.+)\n$/.exec(text);
  return match ? { pid: Number(match[1]), startTime: match[2] } : undefined;
}

/**
 * Stops the process that an earlier run left behind, if there is one.
 * @param {{ file: string, name: string, graceMs: number, log: (line: string) => void }} options
 */
export async function stopLeftover({ file, name, graceMs, log }) {
  const pid = readLivePid(file);
  if (pid !== undefined) {
    log(`stopping the ${name} (pid ${pid}) that an earlier run left behind`);
    process.kill(pid, 'SIGTERM');
    const deadline = Date.now() + graceMs;
    // It is not our child, so no event tells of its end: asking is the only way.
    while (readLivePid(file) === pid) {
      if (Date.now() > deadline) killIfAlive(pid);
      await delay(25);
    }
  }
  rmSync(file, { force: true });
}

function killIfAlive(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended between the question and the kill.
  }
}

/**
 * @param {number} pid
 * @returns {string | undefined} undefined when the process does not run (a zombie counts as ended)
 */
export function startTimeOf(pid) {
  try {
    if (existsSync('/proc/self/stat')) return startTimeFromStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} stat the content of `/proc/<pid>/stat` (proc_pid_stat(5)); the second field, in parentheses, may hold anything
 * @returns {string | undefined} field 22, clock ticks since boot; undefined for a zombie
 */
export function startTimeFromStat(stat) {
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' ? undefined : fields[18];
}
