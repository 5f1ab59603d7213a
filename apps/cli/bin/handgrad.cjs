#!/usr/bin/env node
// What any Node understands: the program itself is newer.
var version = process.versions.node
if (Number(version.split('.')[0]) < 20) {
  console.error('handgrad needs Node 20 or newer; this is Node ' + version)
  process.exitCode = 1
} else {
  void import('../dist/main.js')
}
