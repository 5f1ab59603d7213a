/** A memory that threads share. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer
  grow(pages: number): number
}

/** A compiled module: it can be sent to a worker. */
export type WasmModule = object

/** What is used of WebAssembly. Its types come with lib.dom, which these packages do without. */
interface WasmApi {
  Memory: new (options: { initial: number; maximum: number; shared: true }) => WasmMemory
  Module: new (bytes: Uint8Array) => WasmModule
  Instance: new (
    module: WasmModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> }
  validate(bytes: Uint8Array): boolean
}

/** A module of nothing. */
const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)

/**
 * WebAssembly, which not every place has.
 * @throws Error where there is none.
 */
export function wasm(): WasmApi {
  const { WebAssembly: api } = globalThis as unknown as { WebAssembly?: WasmApi }
  if (api === undefined) throw new Error('there is no WebAssembly here')
  return api
}

/** Compiles a module of nothing. @throws Error where that is forbidden, as by a page's policy. */
export function checkCompiler(): void {
  try {
    void new (wasm().Module)(EMPTY)
  } catch (cause) {
    const { message } = cause as Error
    throw new Error(
      message.includes('no WebAssembly') ? message : `WebAssembly may not be compiled here: ${message}`,
      {
        cause,
      },
    )
  }
}
