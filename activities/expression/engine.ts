import {
  newQuickJSWASMModuleFromVariant,
  RELEASE_SYNC,
  type QuickJSWASMModule,
} from 'quickjs-emscripten'

interface WasmMemory {
  readonly buffer: ArrayBufferLike
  grow(pages: number): number
}
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => WasmMemory
}

/** QuickJS in a memory of its own, which cannot become larger than it was made for. */
export interface Engine {
  readonly module: QuickJSWASMModule
  /** Whether the last thing that asked for more memory was refused. */
  exhausted(): boolean
  /** Memory that was taken; it is given back only with the thread. */
  heldBytes(): number
}

/** The name that the compiler gave it. */
const malloc = '_malloc'
const pageBytes = 64 * 1024
/** What the engine begins with, for its stack and its own objects. */
const ownBytes = 16 * 2 ** 20

/**
 * `bytes`: for the expressions of one job, together. The engine's own setting (`setMemoryLimit`) counts
 * every allocation as if it were the only one: this build cannot tell how large a freed block was.
 */
export async function createEngine(bytes: number): Promise<Engine> {
  const wasmMemory = new WebAssembly.Memory({
    initial: ownBytes / pageBytes,
    maximum: Math.ceil((ownBytes + bytes) / pageBytes),
  })
  let exhausted = false
  const grow = wasmMemory.grow.bind(wasmMemory)
  wasmMemory.grow = (pages) => {
    exhausted = true
    const before = grow(pages)
    exhausted = false
    return before
  }
  const module = await newQuickJSWASMModuleFromVariant({
    ...RELEASE_SYNC,
    async importModuleLoader() {
      const imported = await RELEASE_SYNC.importModuleLoader()
      const inner = 'default' in imported ? imported.default : imported
      const load = 'default' in inner ? inner.default : inner
      return async (options) => {
        const loaded = await load({ ...options, wasmMemory })
        const allocate = loaded[malloc]
        // Whoever hands a text to the engine writes to where this points, also to 0.
        loaded[malloc] = (size: number) => {
          const place = allocate(size)
          if (place !== 0) return place
          exhausted = true
          throw new Error('The engine has no memory left')
        }
        return loaded
      }
    },
  })
  return {
    module,
    exhausted: () => exhausted,
    heldBytes: () => wasmMemory.buffer.byteLength - ownBytes,
  }
}
