import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSafetensors } from '@handgrad/tensor'
import { loadRunState } from '@handgrad/trainer'
import { eventsIn } from '../train/log/test/events.ts'

const timeless = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'imagesPerSecond' in value
    ? { ...value, seconds: 0, imagesPerSecond: 0 }
    : value

const without = (text: string): string => JSON.stringify(JSON.parse(text), timeless)

/**
 * All that a finished run left, but for times: the bytes of its parameters, of the best, of the optimizer and the
 * generator, its metrics and its logs.
 */
export function outcome(folder: string): string {
  const state = loadRunState(readFileSync(join(folder, 'state.safetensors')))
  const { tensors } = readSafetensors(readFileSync(join(folder, 'state.safetensors')))
  const hash = createHash('sha256')
  for (const name of Object.keys(tensors).sort()) {
    hash.update(name)
    hash.update(new Uint8Array(tensors[name].data.buffer))
  }
  hash.update(without(JSON.stringify({ history: state.history, within: state.within ?? null })))
  for (const name of ['model.safetensors', 'best.safetensors']) hash.update(readFileSync(join(folder, name)))
  for (const line of readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n'))
    hash.update(without(line))
  // The two last columns of a row, and the time of an event, follow from the clock.
  for (const row of readFileSync(join(folder, 'metrics.csv'), 'utf8').trim().split('\n'))
    hash.update(row.split(',').slice(0, -2).join())
  for (const { step, values } of eventsIn(readFileSync(join(folder, 'events.out.tfevents.handgrad'))))
    hash.update(JSON.stringify([step, { ...values, images_per_second: 0 }]))
  return hash.digest('hex')
}

/** What is wrong with a folder whose process was killed: null, or words. */
export function afterKill(folder: string): string | null {
  if (!existsSync(folder)) return null
  const names = readdirSync(folder).filter((name) =>
    /^(state|checkpoint)(\.before)?\.safetensors$/.test(name),
  )
  if (names.length === 0) return null
  const whole = names.filter((name) => {
    try {
      loadRunState(readFileSync(join(folder, name)))
      return true
    } catch {
      return false
    }
  })
  // Nothing here damages a file but a save that was broken off: none may be left.
  return whole.length === names.length
    ? null
    : `damaged: ${names.filter((name) => !whole.includes(name)).join(', ')}`
}

/** Whether there is a checkpoint to go on from. */
export const hasCheckpoint = (folder: string): boolean =>
  existsSync(folder) &&
  readdirSync(folder).some((name) => /^(state|checkpoint)(\.before)?\.safetensors$/.test(name))

/** What a finished run should not leave. */
export const leftBehind = (folder: string): string[] =>
  readdirSync(folder).filter(
    (name) => name.endsWith('.tmp') || name === 'run.lock' || name.startsWith('checkpoint'),
  )
