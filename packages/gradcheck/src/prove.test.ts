import { expect, it } from 'vitest'
import { proveSpec } from './prove.ts'
import type { Fixture } from './result.ts'
import type { ModuleSpec } from './spec.ts'

const fixture: Fixture = {
  file: { format: 1, kind: 'module', cases: [], errors: [] },
  inputs: {},
  golden: {},
  goldenHashes: {},
  torchErrors: {},
}

it('a layer without a derivation or without cases is no proof', () => {
  const spec: ModuleSpec = {
    kind: 'module',
    name: 'Nothing',
    torch: 'nn.Identity',
    create: () => ({ forward: (x) => x as never, bwd() {} }),
    derivation: null,
    mutants: [],
    cases: [],
    errors: [],
  }
  expect(proveSpec(spec, fixture).map(({ view, message }) => `${view}: ${message}`)).toEqual([
    'vacuity: the spec has no case',
    'equations: the spec has no derivation',
  ])
})
