// Imported first by every script: an old Node would fail somewhere later, with a message that names no cause.
const needed = '20.19';
const [major, minor] = process.versions.node.split('.').map(Number);
const [neededMajor, neededMinor] = needed.split('.').map(Number);

if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  console.error(`firsthand: this is Node ${process.versions.node}, Firsthand needs ${needed} or newer. Install it from https://nodejs.org and try again.`);
  process.exit(1);
}
