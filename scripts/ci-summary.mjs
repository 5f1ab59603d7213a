// The closing line of the gate: tests passed and failed over vitest's JSON reports, and one more failure for a step
// that failed without a test. Plain JavaScript: the machine's own Node runs it, whatever its version.
import { readFileSync } from 'node:fs'

const [status, ...files] = process.argv.slice(2)
const reports = files.map((file) => JSON.parse(readFileSync(file, 'utf8')))
const count = (key) => reports.reduce((total, report) => total + report[key], 0)
const failed = count('numFailedTests') || Number(status)
console.log(`${count('numPassedTests')} passed, ${failed} failed`)
process.exit(failed > 0 || files.length === 0 ? 1 : 0)
