import { freeBlock, sharedMemory, takeBlock } from './memory.ts'

let at = 0
let bytes = 0

/**
 * Where one call of a kernel finds its numbers, and the next call its own: at least `length` bytes, whose values are
 * whatever was there. One for all, so that who steps or computes a loss holds no memory.
 * @internal
 */
export function workspace(length: number): number {
  if (length > bytes) {
    if (bytes > 0) freeBlock(at, bytes)
    at = takeBlock(length)
    bytes = length
  }
  return at
}

/**
 * Floats of the workspace.
 * @internal
 */
export function workspaceFloats(offset: number, length: number): Float32Array {
  return new Float32Array(sharedMemory().buffer, at + offset, length)
}

/**
 * Whole numbers of the workspace.
 * @internal
 */
export function workspaceIntegers(offset: number, length: number): Int32Array {
  return new Int32Array(sharedMemory().buffer, at + offset, length)
}
