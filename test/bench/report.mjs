import { writeFile } from 'node:fs/promises';

/**
 * Prints the figures as tables, and writes them into a file when one is named.
 * @param {object} results see `bench`
 * @param {string | undefined} file
 * @param {(line: string) => void} print
 */
export async function report(results, file, print) {
  const { bareMicros, helpersMicros, closuresMicros } = results.mapping;
  const times = (micros) => (micros / closuresMicros).toFixed(2);
  print(`\nmapping a record, of an array of 20 bare closures (${closuresMicros} µs): ${times(bareMicros)} for 20 bare paths (${bareMicros} µs, limit 2.35), ${times(helpersMicros)} for 12 targets with helpers (${helpersMicros} µs, limit 7)`);
  printMeasured('on an empty store', results, print);
  for (const [key, measured] of Object.entries(results)) {
    if (key.startsWith('stored')) printMeasured(`on ${measured.fill.events.toLocaleString('en')} events`, measured, print);
  }
  if (results.csv !== undefined) {
    const { megabytes, rowsPerSecond, megabytesPerSecond, peakRssMb } = results.csv;
    print(`\nCSV import of ${megabytes} MB: ${rowsPerSecond.toLocaleString('en')} rows/s, ${megabytesPerSecond} MB/s${peakRssMb === null ? '' : `, at most ${peakRssMb} MB resident`}`);
  }
  if (results.due !== undefined) {
    const { due, perSecond, shortQueue, shortPerSecond, ratio } = results.due;
    print(`\n${due.toLocaleString('en')} due deliveries: drained at ${perSecond.toLocaleString('en')}/s, ${ratio} of the ${shortPerSecond.toLocaleString('en')}/s of a queue of ${shortQueue.toLocaleString('en')}`);
  }
  if (results.waiting !== undefined) {
    const { waiting, bytesPerRun, aloneMb, amongMb, alonePerSecond, amongPerSecond, ratio } = results.waiting;
    print(`\n${waiting.toLocaleString('en')} runs wait: ${bytesPerRun} bytes each on the disk; others are woken at ${amongPerSecond.toLocaleString('en')}/s among them, ${ratio} of the ${alonePerSecond.toLocaleString('en')}/s without`);
    if (amongMb !== null) print(`the host's memory then: ${amongMb} MB, without them ${aloneMb} MB`);
  }
  if (results.leaving !== undefined) {
    const { leaving, perSecond, p50Ms, p99Ms, lastMs } = results.leaving;
    print(`\n${leaving.toLocaleString('en')} people leave a segment at one moment: half of them within ${p50Ms} ms of it, 99 % within ${p99Ms} ms, the last after ${lastMs} ms, ${perSecond.toLocaleString('en')}/s`);
  }
  if (file !== undefined) await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
}

function printMeasured(where, { forwarder, single, batch, batchArray, latency, withdrawal, me, startMs, rssMb }, print) {
  const row = (name, perSecond, limit) => print(`| ${name} | ${perSecond.toLocaleString('en')} | ${(perSecond / limit).toFixed(2)} |`);
  print(`\n| ${where} | events/s | of the forwarder |\n|---|---|---|`);
  row('forwarder, 32 connections', forwarder.at32, forwarder.at32);
  row('Firsthand, 32 connections', single.at32, forwarder.at32);
  row('forwarder, 128 connections', forwarder.eventsPerSecond, forwarder.eventsPerSecond);
  row('Firsthand, 128 connections', single.eventsPerSecond, forwarder.eventsPerSecond);
  row('forwarder, batches of 100', forwarder.batch, forwarder.batch);
  row('Firsthand, batches of 100, single posts out', batch.eventsPerSecond, forwarder.batch);
  row('Firsthand, batches of 100, arrays out', batchArray.eventsPerSecond, forwarder.batch);
  print('');
  for (const [rate, { p50Ms, p95Ms, p99Ms }] of Object.entries(latency)) print(`latency ${rate.replace('at', 'at ')}/s: p50 ${p50Ms} ms, p95 ${p95Ms} ms, p99 ${p99Ms} ms`);
  if (withdrawal !== undefined) {
    const { people, lastDataMs, removalMs } = withdrawal;
    print(`${people} withdrawals under load: last data p50 ${lastDataMs.p50} ms, p99 ${lastDataMs.p99} ms, at most ${lastDataMs.max} ms after the answer; told to forget p50 ${removalMs.p50} ms, p99 ${removalMs.p99} ms, at most ${removalMs.max} ms`);
  }
  for (const { perSecond, p50, p95, p99 } of me) print(`who is signed in (GET /v1/me) at ${perSecond}/s: p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms`);
  print(`start ${startMs} ms${rssMb === null ? '' : `, resident ${rssMb} MB`}`);
  const cpu = Object.entries(single.cpu).map(([name, micros]) => `${name} ${micros}`);
  if (cpu.length > 0) print(`CPU µs per event at 128 connections: ${cpu.join(', ')}`);
}
