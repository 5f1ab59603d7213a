import type { DoneEvent, EpochEvent } from '@handgrad/trainer'
import { type Scalar, scalarEvent, timeOf, versionEvent } from './event.ts'
import type { LogKind, Measures } from './log.ts'
import { firstRecord, tfrecord } from './tfrecord.ts'

/**
 * `events.out.tfevents.handgrad`: an event file as TensorBoard reads it, with the measures of each epoch and of the test. An
 * event's time is that of the file's first one and the seconds of training since, so that a run that goes on writes the
 * same bytes.
 */
export const tensorboard: LogKind = {
  file: 'events.out.tfevents.handgrad',
  open(former, now) {
    const first = former === null ? null : firstRecord(former)
    const start = (first === null ? null : timeOf(first)) ?? now
    return (measures) => Buffer.concat([versionEvent(start), ...eventsOf(measures, start)].map(tfrecord))
  },
}

function eventsOf(measures: Measures, start: number): Uint8Array[] {
  let [time, step] = [start, 0]
  return measures.map((event) => {
    if (event.event === 'done') return scalarEvent(start + event.seconds, step, tested(event))
    time += event.seconds
    step = event.epoch
    return scalarEvent(time, step, measured(event))
  })
}

const measured = (epoch: EpochEvent): Scalar[] => [
  { tag: 'loss/train', value: epoch.trainLoss },
  { tag: 'loss/validation', value: epoch.validationLoss },
  { tag: 'accuracy/train', value: epoch.trainAccuracy },
  { tag: 'accuracy/validation', value: epoch.validationAccuracy },
  { tag: 'learning_rate', value: epoch.lr },
  { tag: 'images_per_second', value: epoch.imagesPerSecond },
]

const tested = ({ testLoss, testAccuracy }: DoneEvent): Scalar[] => [
  { tag: 'loss/test', value: testLoss },
  { tag: 'accuracy/test', value: testAccuracy },
]
