import { describeProof } from '@handgrad/gradcheck/vitest'
import * as specs from './specs.ts'

describeProof({
  specs,
  src: new URL('.', import.meta.url),
  fixtures: new URL('../../../fixtures/', import.meta.url),
  atLeast: 7,
  apart: {
    containers: 'they only call their layers',
    engine: 'it runs what layers write down',
    models: 'they are made of layers',
    test: 'layers for tests',
  },
})
