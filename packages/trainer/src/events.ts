import type { Confusion } from './confusion.ts'

/** Which part of the data is being read. */
export type Phase = 'train' | 'validation' | 'test'

/** After each batch: how far the run is, and how the current pass goes so far. */
export interface ProgressEvent {
  event: 'progress'
  phase: Phase
  epoch: number
  epochs: number
  batch: number
  batches: number
  /** Mean loss of this pass so far. */
  loss: number
  /** Share of right answers of this pass so far, 0 to 1. */
  accuracy: number
  imagesPerSecond: number
  /** An estimate for the rest of the run, validation and test included. */
  secondsLeft: number
}

/** After each epoch: training as it went (each batch before its own step), validation with the epoch's parameters. */
export interface EpochEvent {
  event: 'epoch'
  epoch: number
  epochs: number
  /** The learning rate of the epoch's last step. */
  lr: number
  trainLoss: number
  trainAccuracy: number
  validationLoss: number
  validationAccuracy: number
  /** Of training and validation together. */
  seconds: number
  /** Of training alone. */
  imagesPerSecond: number
  /** Parameters whose gradient was exactly 0 at every step; left out where there are none. */
  zeroGradient?: readonly string[]
  /** Parameters that no step has moved; left out where there are none. */
  unmoved?: readonly string[]
}

/** After the last epoch: the test set, read once. */
export interface DoneEvent {
  event: 'done'
  testAccuracy: number
  testLoss: number
  /** Of the training of all epochs, validation and test left out; those before a resumption count too. */
  imagesPerSecond: number
  /** Of all epochs and of this test. */
  seconds: number
  confusion: Confusion
  /** The epoch whose weights were tested, the best one; left out where they are the last. */
  bestEpoch?: number
}

/** What a run says about itself while it goes. */
export type TrainEvent = ProgressEvent | EpochEvent | DoneEvent
