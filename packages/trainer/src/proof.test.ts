import { describeProof } from '@handgrad/gradcheck/vitest'
import { spec as network } from './network/spec.ts'

describeProof({
  specs: { network },
  src: new URL('.', import.meta.url),
  fixtures: new URL('../../../fixtures/', import.meta.url),
  atLeast: 1,
  apart: {
    planned: 'threads',
    platform: 'node or browser',
    presets: 'settings',
    programs: 'random networks',
    state: 'files of runs',
    test: 'data of tests',
  },
})
