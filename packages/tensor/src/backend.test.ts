import { expect, test } from 'vitest'
import { type BackendName, backends, currentBackend, useBackend } from './index.ts'

test('a backend that is here can be preferred, another is refused and changes nothing', () => {
  expect(backends()).toContain('reference')
  useBackend('reference')
  expect(currentBackend()).toBe('reference')
  expect(() => useBackend('gpu' as BackendName)).toThrow("backend 'gpu' is not here; available: ")
  expect(currentBackend()).toBe('reference')
})
