/** Long work in short slices, so that the process goes on answering while it hashes gigabytes. */

/** How long, in ms, a slice may take. */
const slice = 8;

/** Runs `steps` to its end, letting others run between slices, and gives its result. */
export async function inSlices<T>(steps: Generator<unknown, T, void>): Promise<T> {
  for (;;) {
    const deadline = performance.now() + slice;
    do {
      const { done, value } = steps.next();
      if (done) return value;
    } while (performance.now() < deadline);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
