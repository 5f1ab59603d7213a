import { execFile, execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const FLAG = '--experimental-wasm-revectorize'
const script = fileURLToPath(new URL('every-tenth.proof.ts', import.meta.url))

/** Why this V8 cannot join 128-bit operations to 256-bit ones, or null where it can. */
function whyNot(): string | null {
  if (process.arch !== 'x64') return `V8 revectorises on x64, this is ${process.arch}`
  const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' })
  return known.includes(FLAG) ? null : `V8 ${process.versions.v8} has no ${FLAG}`
}

test('--turbo: a tenth of the networks, in code that V8 has revectorised', async ({ skip }) => {
  const reason = whyNot()
  if (reason !== null) skip(reason)
  // Without its baseline compiler V8 has to optimise a function before its first call.
  const { stdout } = await promisify(execFile)(process.execPath, [FLAG, '--no-liftoff', script])
  expect(JSON.parse(stdout)).toEqual({ compared: 50, wrong: [] })
}, 600_000)
