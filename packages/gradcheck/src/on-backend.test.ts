import {
  type BackendName,
  backends,
  currentBackend,
  freeBlock,
  takeBlock,
  useBackend,
} from '@handgrad/tensor'
import { afterEach, expect, test } from 'vitest'
import { onBackend } from './on-backend.ts'

const fastest = backends().at(-1)!
afterEach(() => useBackend(fastest))

test('says what an action gave and whether kernels ran, and goes back to the backend before', () => {
  useBackend('reference')
  // As a kernel's numbers do, which lie in blocks.
  const kernel = (): BackendName => {
    freeBlock(takeBlock(64), 64)
    return currentBackend()
  }
  expect(onBackend(fastest, kernel)).toEqual({ value: fastest, kernels: true })
  expect(currentBackend()).toBe('reference')
  useBackend(fastest)
  expect(onBackend('reference', currentBackend)).toEqual({ value: 'reference', kernels: false })
  expect(currentBackend()).toBe(fastest)
})

test('goes back after an action that throws', () => {
  useBackend('reference')
  const wrong = (): never => {
    throw new Error('no such pass')
  }
  expect(() => onBackend(fastest, wrong)).toThrow('no such pass')
  expect(currentBackend()).toBe('reference')
})
