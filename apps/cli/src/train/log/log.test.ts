import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Confusion, type DoneEvent, type EpochEvent } from '@handgrad/trainer'
import { describe, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../../test/handgrad.ts'
import { openRunFolder } from '../run-folder.ts'
import { crc32c, maskedCrc32c } from './crc32c.ts'
import { csv } from './csv.ts'
import { scalarEvent, timeOf, versionEvent } from './event.ts'
import { isLogNames, logsIn, openLogs, parseLogs } from './kinds.ts'
import { tensorboard } from './tensorboard.ts'
import { eventsIn, readEvent, recordsIn, slowCrc32c } from './test/events.ts'
import { firstRecord, tfrecord } from './tfrecord.ts'

const epoch = (n: number): EpochEvent => ({
  event: 'epoch',
  epoch: n,
  epochs: 2,
  lr: 0.1 / n,
  trainLoss: 1.5 / n,
  trainAccuracy: 0.25 * n,
  validationLoss: 2.5 / n,
  validationAccuracy: 0.125 * n,
  seconds: 10 * n,
  imagesPerSecond: 1000 * n,
  unmoved: ['0.weight'],
})
const done: DoneEvent = {
  event: 'done',
  testAccuracy: 0.875,
  testLoss: 0.5,
  imagesPerSecond: 1234,
  seconds: 31.5,
  confusion: new Confusion(2),
}
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 167 + 13) & 255)

describe('CRC-32C', () => {
  test('of what RFC 3720 has, and of any length', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43)
    expect(crc32c(new Uint8Array(0))).toBe(0)
    for (const length of [1, 2, 8, 63, 300]) expect(crc32c(bytes(length))).toBe(slowCrc32c(bytes(length)))
  })

  test('masked, as TensorFlow has it', () => {
    // 0xe3069283 turned right by 15 is 0x2507c60d; with 0xa282ead8 more it is 0xc78ab0e5.
    expect(maskedCrc32c(new TextEncoder().encode('123456789'))).toBe(0xc78ab0e5)
    expect(maskedCrc32c(new Uint8Array(0))).toBe(0xa282ead8)
  })
})

describe('TFRecord', () => {
  test('length, checksum, data, checksum', () => {
    for (const length of [0, 1, 12, 300]) {
      const record = tfrecord(bytes(length))
      expect(record).toHaveLength(length + 16)
      expect(recordsIn(record)).toEqual([Buffer.from(bytes(length))])
    }
    const two = Buffer.concat([tfrecord(bytes(3)), tfrecord(bytes(5))])
    expect(recordsIn(two).map(({ length }) => length)).toEqual([3, 5])
  })

  test('the first of a file is read back, from any place in memory', () => {
    const file = Buffer.concat([bytes(7), tfrecord(bytes(20)), tfrecord(bytes(9))]).subarray(7)
    expect(Buffer.from(firstRecord(file)!).equals(bytes(20))).toBe(true)
    expect(firstRecord(file.subarray(0, 36))).toHaveLength(20)
    for (const length of [0, 11, 12, 13, 35]) expect(firstRecord(file.subarray(0, length))).toBeNull()
    for (const at of [0, 8, 12, 31, 32]) {
      const wrong = Uint8Array.from(file)
      wrong[at] ^= 1
      expect(firstRecord(wrong)).toBeNull()
    }
  })
})

describe('events', () => {
  test('a version, and scalars at a step', () => {
    expect(readEvent(versionEvent(12.5))).toEqual({
      time: 12.5,
      step: undefined,
      version: 'brain.Event:2',
      values: {},
    })
    const long = 'a'.repeat(200)
    for (const step of [0, 1, 127, 128, 300, 16_384, 2 ** 40]) {
      const scalars = [
        { tag: 'loss/train', value: 0.1 },
        { tag: long, value: -3 },
      ]
      expect(readEvent(scalarEvent(1e9 + 0.25, step, scalars))).toEqual({
        time: 1e9 + 0.25,
        step,
        version: undefined,
        values: { 'loss/train': Math.fround(0.1), [long]: -3 },
      })
    }
  })

  test('the time of one is read back, and of nothing else', () => {
    expect(timeOf(Buffer.concat([bytes(3), versionEvent(12.5)]).subarray(3))).toBe(12.5)
    expect(timeOf(versionEvent(12.5).subarray(0, 9))).toBe(12.5)
    expect(timeOf(versionEvent(12.5).subarray(0, 8))).toBeNull()
    expect(timeOf(Uint8Array.of(10, ...bytes(8)))).toBeNull()
  })
})

describe('tensorboard', () => {
  const content = tensorboard.open(null, 1000)

  test('a version, an event an epoch, and one of the test', () => {
    expect(eventsIn(content([epoch(1), epoch(2), done]))).toEqual([
      { time: 1000, step: undefined, version: 'brain.Event:2', values: {} },
      {
        time: 1010,
        step: 1,
        version: undefined,
        values: {
          'loss/train': 1.5,
          'loss/validation': 2.5,
          'accuracy/train': 0.25,
          'accuracy/validation': 0.125,
          learning_rate: Math.fround(0.1),
          images_per_second: 1000,
        },
      },
      expect.objectContaining({
        time: 1030,
        step: 2,
        values: expect.objectContaining({ 'loss/train': 0.75 }),
      }),
      { time: 1031.5, step: 2, version: undefined, values: { 'loss/test': 0.5, 'accuracy/test': 0.875 } },
    ])
    expect(eventsIn(content([]))).toHaveLength(1)
  })

  test('a log that goes on has the time at which it began; what is no log begins now', () => {
    const former = content([epoch(1)])
    const timeIn = (bytes_: Uint8Array | null) => eventsIn(tensorboard.open(bytes_, 5000)([]))[0].time
    expect([
      timeIn(former),
      timeIn(former.subarray(0, 20)),
      timeIn(tfrecord(bytes(4))),
      timeIn(null),
    ]).toEqual([1000, 5000, 5000, 5000])
  })
})

test('csv: a header, a row an epoch, one of the test', () => {
  expect(String(csv.open(null, 0)([epoch(1), epoch(2), done]))).toBe(`\
event,epoch,lr,trainLoss,trainAccuracy,validationLoss,validationAccuracy,testLoss,testAccuracy,seconds,imagesPerSecond
epoch,1,0.1,1.5,0.25,2.5,0.125,,,10,1000
epoch,2,0.05,0.75,0.5,1.25,0.25,,,20,2000
done,,,,,,,0.5,0.875,31.5,1234
`)
})

test.each([['csv', csv] as const, ['tensorboard', tensorboard] as const])(
  '%s: more measures only add bytes',
  (_, kind) => {
    const content = kind.open(null, 1000)
    const all = [epoch(1), epoch(2), done]
    const texts = all.map((__, i) => Buffer.from(content(all.slice(0, i + 1))))
    texts.reduce(
      (before, text) => {
        expect(text.length).toBeGreaterThan(before.length)
        expect(text.subarray(0, before.length).equals(before)).toBe(true)
        return text
      },
      Buffer.from(content([])),
    )
  },
)

describe('in the folder of a run', () => {
  test('a log grows in place, loses what is too much, and mends what is torn', async () => {
    const folder = await openRunFolder(join(temporaryFolder(), 'run'), 'x')
    expect(await logsIn(folder.path)).toEqual([])
    const [log, table] = await openLogs(['tensorboard', 'csv'], folder)
    const path = join(folder.path, log.file)
    await log.write([])
    const { ino } = statSync(path)
    expect(await logsIn(folder.path)).toEqual(['tensorboard'])
    await table.write([])
    expect(await logsIn(folder.path)).toEqual(['tensorboard', 'csv'])
    expect(folder.files).toEqual(['events.out.tfevents.handgrad', 'metrics.csv'])
    await log.write([epoch(1)])
    const one = readFileSync(path)
    await log.write([epoch(1), epoch(2), done])
    const all = readFileSync(path)
    expect(eventsIn(all)).toHaveLength(4)
    truncateSync(path, one.length + 5)
    // As another process finds it.
    const [again] = await openLogs(['tensorboard'], folder)
    await again.write([epoch(1), epoch(2), done])
    expect(readFileSync(path).equals(all)).toBe(true)
    await again.write([epoch(1)])
    expect(readFileSync(path).equals(one)).toBe(true)
    expect(statSync(path).ino).toBe(ino)
    const spoiled = Uint8Array.from(one)
    spoiled[one.length - 1] ^= 1
    writeFileSync(path, spoiled)
    await again.write([epoch(1)])
    expect(readFileSync(path).equals(one)).toBe(true)
    expect(statSync(path).ino).not.toBe(ino)
    await folder.close()
  })

  test('a log begins when it is opened', async () => {
    vi.useFakeTimers({ now: 7_250, toFake: ['Date'] })
    const folder = await openRunFolder(join(temporaryFolder(), 'run'), 'x')
    const [log] = await openLogs(['tensorboard'], folder)
    await log.write([])
    vi.useRealTimers()
    expect(eventsIn(readFileSync(join(folder.path, log.file)))[0].time).toBe(7.25)
    await folder.close()
  })

  test('one that cannot be written is named', async () => {
    const folder = await openRunFolder(join(temporaryFolder(), 'run'), 'x')
    mkdirSync(join(folder.path, 'metrics.csv'))
    const [log] = await openLogs(['csv'], folder)
    await expect(log.write([])).rejects.toThrow(/^cannot write .*metrics\.csv: /)
    expect(folder.files).toEqual([])
    await folder.close()
  })
})

test('kinds are named with commas between, each once', () => {
  expect(parseLogs('csv')).toEqual(['csv'])
  expect(parseLogs('tensorboard, csv,csv')).toEqual(['tensorboard', 'csv'])
  for (const text of ['', 'csv,', 'wandb', 'csv;tensorboard'])
    expect(() => parseLogs(text)).toThrow('expected tensorboard or csv, or both with a comma')
  expect([
    isLogNames(['csv']),
    isLogNames([]),
    isLogNames('csv'),
    isLogNames(['x']),
    isLogNames([1]),
  ]).toEqual([true, true, false, false, false])
})
