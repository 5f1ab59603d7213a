import type { ProgressEvent } from '@handgrad/trainer'
import { expect, test } from 'vitest'
import type { Channel } from '../io.ts'
import { liveLine } from './live-line.ts'

function recorder(live: boolean, columns: number): Channel & { text: string } {
  const channel = {
    text: '',
    live,
    columns,
    style: (_style: unknown, text: string) => text,
    write: (text: string) => void (channel.text += text),
    line: (text = '') => channel.write(`${text}\n`),
  }
  return channel
}

const event: ProgressEvent = {
  event: 'progress',
  phase: 'train',
  epoch: 2,
  epochs: 5,
  batch: 120,
  batches: 750,
  loss: 0.21339,
  accuracy: 0.93412,
  imagesPerSecond: 4812.4,
  secondsLeft: 83.2,
}
const text = 'epoch 2/5  batch 120/750  loss 0.2134  acc 93.41 %  4,812 images/s  1:23 left'

test('on a terminal the line is rewritten ten times a second, and taken away', () => {
  let now = 0
  const channel = recorder(true, 100)
  const line = liveLine(channel, () => now)
  line.show(event)
  expect(channel.text).toBe(`\r\u001b[K${text}`)
  now = 99
  line.show(event)
  expect(channel.text).toBe(`\r\u001b[K${text}`)
  now = 100
  line.show(event)
  expect(channel.text).toBe(`\r\u001b[K${text}`.repeat(2))
  line.clear()
  line.clear()
  expect(channel.text).toBe(`${`\r\u001b[K${text}`.repeat(2)}\r\u001b[K`)
})

test('the test set belongs to no epoch', () => {
  const channel = recorder(true, 100)
  liveLine(channel, () => 0).show({ ...event, phase: 'test' })
  expect(channel.text).toBe(`\r\u001b[K${text.replace('epoch 2/5', 'test')}`)
})

test('a line that was taken away may be shown again at once', () => {
  const channel = recorder(true, 100)
  const line = liveLine(channel, () => 0)
  line.show(event)
  line.clear()
  line.show(event)
  expect(channel.text).toBe(`\r\u001b[K${text}\r\u001b[K\r\u001b[K${text}`)
})

test('a narrow terminal cuts the line instead of wrapping it', () => {
  const channel = recorder(true, 30)
  liveLine(channel, () => 0).show(event)
  expect(channel.text).toBe(`\r\u001b[K${text.slice(0, 29)}`)
})

test('elsewhere a plain line is printed every ten seconds, without control characters', () => {
  let now = 0
  const channel = recorder(false, 80)
  const line = liveLine(channel, () => now)
  for (now = 0; now <= 25_000; now += 1000) line.show({ ...event, phase: 'validation' })
  line.clear()
  const plain = text.replace('batch', 'validation')
  expect(channel.text).toBe(`${plain}\n${plain}\n`)
  for (now of [29_999, 30_000]) line.show({ ...event, phase: 'validation' })
  expect(channel.text).toBe(`${plain}\n`.repeat(3))
  for (now of [39_999]) line.show({ ...event, phase: 'validation' })
  expect(channel.text).toBe(`${plain}\n`.repeat(3))
})
